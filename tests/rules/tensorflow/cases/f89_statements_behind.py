"""A return in a branch, and statements behind it."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a return in a branch, and statements behind it"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 3.0:
        if tf.reduce_max(x) > 4.0:
            return x * 3.0
    y = tf.nn.relu(x)
    return y * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
