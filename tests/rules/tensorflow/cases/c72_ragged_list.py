"""A list of tensors of other lengths."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a list of tensors of other lengths"
TARGETS = ["f"]


def f(rows):
    total = 0.0
    for i, row in enumerate(rows):
        total = total + tf.reduce_sum(tf.square(row)) * float(i + 1)
    return total


def inputs(n):
    return ([tf.constant([1.0 + n, 2.0]), tf.constant([0.5, -1.0 * n, 3.0])],)


def make():
    return f
