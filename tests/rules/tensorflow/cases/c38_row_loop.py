"""A Python loop over a static dimension."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a Python loop over a static dimension"
TARGETS = ["f"]


def f(x):
    acc = 0.0
    for i in range(x.shape[0]):
        acc += tf.reduce_sum(x[i]) * (i + 1)
    return acc


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
