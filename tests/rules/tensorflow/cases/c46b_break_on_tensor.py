"""A Python loop that a tensor ends."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a Python loop that a tensor ends"
TARGETS = ["f"]


def f(x):
    y = x
    for _ in range(3):
        y = y + 0.1 * tf.sin(y)
        if tf.reduce_max(y) > 100.0:
            break
    return y


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
