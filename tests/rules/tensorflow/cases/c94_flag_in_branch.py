"""A flag of Python inside of a branch."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a flag of Python inside of a branch"
TARGETS = ["f"]


def f(x, scale=True):
    if tf.reduce_sum(x) > 3.0:
        if scale:
            return tf.nn.relu(x) * 3.0
        x = x * 5.0
    return x * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
