"""A return behind the loop of what the loop changes."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a return behind the loop of what the loop changes"
TARGETS = ["f"]


def f(x):
    total = tf.reduce_sum(x) * 0.0
    for v in x:
        if v > 2.0:
            return tf.reduce_sum(x)
        total = total + v
    return total


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
