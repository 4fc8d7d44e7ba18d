"""A range with a return, and the same behind it."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a range with a return, and the same behind it"
TARGETS = ["f"]


STEPS = 6


def f(x):
    for _ in range(STEPS):
        x = tf.nn.relu(x) * 0.9
        if tf.reduce_max(x) < 1.0:
            return x
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
