"""Tuples in branches."""

import tensorflow as tf

EXPECT = "convert"
REASON = "tuples in branches"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 3.0:
        a, b = tf.nn.relu(x), tf.square(x)
    else:
        a, b = tf.square(x), tf.nn.relu(x)
    return a - b


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
