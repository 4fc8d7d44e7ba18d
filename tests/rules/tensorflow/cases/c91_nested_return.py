"""A return inside of a branch."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a return inside of a branch"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 0.0:
        if tf.reduce_max(x) > 4.0:
            return x * 3.0
        x = tf.nn.relu(x) * 2.0
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
