"""Branches of other dtypes."""

import tensorflow as tf

EXPECT = "flag"
REASON = "branches of other dtypes"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 3.0:
        y = tf.nn.relu(x)
    else:
        y = tf.cast(tf.square(x), tf.int32)
    return y


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
