"""An assignment to a slice of a Variable."""

import tensorflow as tf

EXPECT = "convert"
REASON = "an assignment to a slice of a Variable"
TARGETS = ["f"]


buffer = tf.Variable(tf.zeros((3,)))


def f(x):
    buffer[0].assign(tf.reduce_sum(x))
    return x + buffer


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
