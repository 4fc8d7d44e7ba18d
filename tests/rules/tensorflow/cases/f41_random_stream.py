"""The global random stream."""

import tensorflow as tf

EXPECT = "flag"
REASON = "the global random stream"
TARGETS = ["f"]


def f(x):
    return x + tf.random.normal(tf.shape(x))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
