"""graph default"""

import tensorflow as tf

EXPECT = "flag"
REASON = "graph default"
TARGETS = ["f"]


def f(x):
    if tf.compat.v1.get_default_graph().building_function:
        return tf.sin(x)
    return tf.cos(x) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
