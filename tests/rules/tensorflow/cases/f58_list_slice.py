"""A list cut by int(tensor)."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a list cut by int(tensor)"
TARGETS = ["f"]


W = [1.0, 2.0, 3.0]


def f(x):
    n = int(tf.reduce_sum(x) / 3.0)
    return tf.reduce_sum(tf.stack(W[: n + 1])) * tf.nn.relu(x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
