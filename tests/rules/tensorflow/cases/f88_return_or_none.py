"""A return on one side, and none on the other."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a return on one side, and none on the other"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > -100.0:
        return tf.nn.relu(x) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
