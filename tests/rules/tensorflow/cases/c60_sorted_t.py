"""Sorted of a tensor."""

import tensorflow as tf

EXPECT = "convert"
REASON = "sorted of a tensor"
TARGETS = ["f"]


def f(x):
    return tf.stack(sorted(x)) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
