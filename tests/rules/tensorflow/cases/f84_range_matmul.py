"""A range with a product whose shape is unknown."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a range with a product whose shape is unknown"
TARGETS = ["f"]


W = tf.Variable(tf.ones((3, 3)) * 0.5)


def f(x):
    for _ in range(4):
        x = tf.matmul(x, W)
        if tf.reduce_max(x) > 3.0:
            break
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
