"""Sum of a generator expression."""

import tensorflow as tf

EXPECT = "convert"
REASON = "sum of a generator expression"
TARGETS = ["f"]


def f(x):
    return sum(tf.square(v) for v in x) + tf.reduce_sum(x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
