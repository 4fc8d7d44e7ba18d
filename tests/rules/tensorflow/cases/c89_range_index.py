"""A range whose index picks rows."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a range whose index picks rows"
TARGETS = ["f"]


def f(x):
    y = tf.zeros((3,))
    for i in range(x.shape[0]):
        y = y + tf.ones((3,)) * tf.reduce_sum(x[i])
        if tf.reduce_max(y) > 3.0:
            break
    return y


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
