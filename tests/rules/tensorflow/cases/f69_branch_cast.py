"""A branch that casts."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a branch that casts"
TARGETS = ["f"]


def f(x):
    if tf.reduce_mean(x) > 0.5:
        y = tf.cast(x, tf.int32)
    else:
        y = tf.abs(x)
    return y


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
