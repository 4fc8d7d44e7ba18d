"""A name bound and used under the same condition."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a name bound and used under the same condition"
TARGETS = ["f"]


def f(x):
    large = tf.reduce_sum(x) > 3.0
    if large:
        y = tf.nn.relu(x)
    z = x * 2.0
    if large:
        z = y + z
    return z


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
