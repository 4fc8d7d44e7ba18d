"""A while loop with a counter."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a while loop with a counter"
TARGETS = ["f"]


def f(x):
    i = tf.constant(0)
    while i < 5:
        x = x * 1.1 + 0.1
        i += 1
    return tf.nn.relu(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
