"""is symbolic"""

import tensorflow as tf

EXPECT = "flag"
REASON = "is symbolic"
TARGETS = ["f"]


def f(x):
    if tf.is_symbolic_tensor(x):
        return tf.sin(x)
    return tf.cos(x) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
