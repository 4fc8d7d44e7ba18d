"""While True with a return at its head."""

import tensorflow as tf

EXPECT = "convert"
REASON = "while True with a return at its head"
TARGETS = ["f"]


def f(x):
    y = tf.nn.relu(x)
    while True:
        if tf.reduce_max(y) < 1.0:
            return y + 1.0
        y = y / 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
