"""Statements between the loop and the return."""

import tensorflow as tf

EXPECT = "flag"
REASON = "statements between the loop and the return"
TARGETS = ["f"]


def f(x):
    for v in x:
        if v > 2.0:
            return tf.reduce_sum(x)
    y = tf.square(x)
    return tf.reduce_sum(y)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
