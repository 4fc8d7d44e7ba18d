"""A while loop that counts."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a while loop that counts"
TARGETS = ["f"]


def f(x):
    out = x
    i = 0
    while tf.reduce_max(tf.abs(out)) > 0.5:
        out = out * 0.5
        i += 1
    return out, i


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
