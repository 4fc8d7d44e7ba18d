"""A return in a while on a tensor."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a return in a while on a tensor"
TARGETS = ["f"]


def f(x):
    y = tf.nn.relu(x)
    while tf.reduce_max(y) > 0.1:
        if tf.reduce_sum(y) < 1.0:
            return tf.reduce_max(y) * 2.0
        y = y * 0.5
    return tf.reduce_sum(x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
