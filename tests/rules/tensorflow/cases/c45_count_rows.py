"""A count in a graph loop."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a count in a graph loop"
TARGETS = ["f"]


def f(x):
    total = 0
    for row in x:
        if tf.reduce_sum(row) > 0:
            total += 1
    return total


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
