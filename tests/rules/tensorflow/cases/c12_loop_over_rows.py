"""a loop over the rows of a tensor"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a loop over the rows of a tensor"
TARGETS = ["f"]


def f(x):
    total = tf.zeros_like(x[0])
    for row in x:
        total = total + tf.square(row)
    return total


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
