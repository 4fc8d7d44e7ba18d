"""While True that turns integers into floats."""

import tensorflow as tf

EXPECT = "flag"
REASON = "while True that turns integers into floats"
TARGETS = ["f"]


def f(x):
    y = tf.cast(tf.nn.relu(x), tf.int32)
    while True:
        y = y / 2
        if tf.reduce_max(tf.abs(y)) < 1.0:
            break
    return y


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
