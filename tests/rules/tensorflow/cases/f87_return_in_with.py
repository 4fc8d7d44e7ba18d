"""A return in a with."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a return in a with"
TARGETS = ["f"]


def f(x):
    with tf.name_scope("part"):
        if tf.reduce_sum(x) > 3.0:
            return tf.nn.relu(x)
    return x * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
