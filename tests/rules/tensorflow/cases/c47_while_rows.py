"""A while loop over the rows."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a while loop over the rows"
TARGETS = ["f"]


def f(x):
    n = tf.shape(x)[0]
    s = tf.zeros((), tf.float32)
    i = tf.constant(0)
    while i < n:
        s = s + tf.reduce_sum(x[i])
        i = i + 1
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
