"""A list of tensors."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a list of tensors"
TARGETS = ["f"]


def f(rows):
    return tf.add_n([tf.square(row) + 1.0 for row in rows])


def inputs(n):
    return ([tf.constant([1.0 + n, 2.0]), tf.constant([0.5, -1.0 * n])],)


def make():
    return f
