"""A sum of rows that starts as a scalar."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a sum of rows that starts as a scalar"
TARGETS = ["f"]


def f(x):
    s = tf.constant(0.0)
    for row in x:
        s = s + tf.nn.softmax(row)
    return s * 2.0


def inputs(n):
    return (tf.constant([[1.0 + n, 2.0], [0.5, -1.0 * n]]),)


def make():
    return f
