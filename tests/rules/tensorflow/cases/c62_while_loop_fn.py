"""Tf.while_loop."""

import tensorflow as tf

EXPECT = "convert"
REASON = "tf.while_loop"
TARGETS = ["f"]


def f(x):
    i, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 0.5), [0, x])
    return tf.nn.relu(y)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
