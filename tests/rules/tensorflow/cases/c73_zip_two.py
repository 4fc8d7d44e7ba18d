"""Zip of two arguments."""

import tensorflow as tf

EXPECT = "convert"
REASON = "zip of two arguments"
TARGETS = ["f"]


def f(a, b):
    total = tf.constant(0.0)
    for u, v in zip(a, b):
        total = total + tf.reduce_sum(u * v)
    return total


def inputs(n):
    return (tf.constant([[1.0 + n, 2.0]]), tf.constant([[0.5, -1.0 * n]]))


def make():
    return f
