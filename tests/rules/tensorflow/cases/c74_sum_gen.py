"""A sum over a generator expression."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a sum over a generator expression"
TARGETS = ["f"]


def f(x):
    return sum(tf.nn.sigmoid(v) * 2.0 for v in x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
