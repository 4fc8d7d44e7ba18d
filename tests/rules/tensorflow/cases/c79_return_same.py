"""The same return in the loop and behind it."""

import tensorflow as tf

EXPECT = "convert"
REASON = "the same return in the loop and behind it"
TARGETS = ["f"]


def f(x):
    total = tf.reduce_sum(x) * 0.0
    for v in x:
        if v < -1.0:
            return total
        total = total + tf.square(v)
    return total


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
