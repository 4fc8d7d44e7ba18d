"""A return under a flag of Python."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a return under a flag of Python"
TARGETS = ["f"]


def f(x, clip=True):
    if clip:
        if tf.reduce_max(x) > 2.0:
            return tf.clip_by_value(x, -1.0, 1.0)
    return tf.nn.relu(x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
