"""Text by a tensor condition."""

import tensorflow as tf

EXPECT = "flag"
REASON = "text by a tensor condition"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 0:
        kind = "pos"
    else:
        kind = "neg"
    return tf.nn.relu(x) if kind == "pos" else x


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
