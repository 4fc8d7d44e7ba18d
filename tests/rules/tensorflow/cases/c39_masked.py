"""A boolean mask and a branch on its size."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a boolean mask and a branch on its size"
TARGETS = ["f"]


def f(x):
    mask = x > 0
    pos = tf.boolean_mask(x, mask)
    if tf.size(pos) > 0:
        m = tf.reduce_mean(pos)
    else:
        m = tf.constant(0.0)
    return m


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
