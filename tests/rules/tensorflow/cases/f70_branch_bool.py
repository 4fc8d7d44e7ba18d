"""A branch that compares."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a branch that compares"
TARGETS = ["f"]


def f(x):
    if tf.reduce_mean(x) > 0.5:
        y = x > 1.0
    else:
        y = tf.abs(x) * 2.0
    return y


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
