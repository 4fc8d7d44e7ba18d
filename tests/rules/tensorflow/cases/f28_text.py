"""text made of a tensor"""

import tensorflow as tf

EXPECT = "flag"
REASON = "text made of a tensor"
TARGETS = ["f"]


def f(x):
    key = f"{tf.reduce_sum(x):.0f}"
    return tf.square(x) * len(key)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
