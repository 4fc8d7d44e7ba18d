"""A return of a row, and of zeros like one."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a return of a row, and of zeros like one"
TARGETS = ["f"]


def f(x):
    for row in x:
        if tf.reduce_sum(row) > 2.5:
            return tf.square(row)
    return tf.zeros_like(x[0])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
