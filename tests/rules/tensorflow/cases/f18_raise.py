"""a raise under a tensor condition"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a raise under a tensor condition"
TARGETS = ["f"]


def f(x):
    if tf.reduce_max(x) > 1e6:
        raise ValueError("too large")
    return tf.nn.relu(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
