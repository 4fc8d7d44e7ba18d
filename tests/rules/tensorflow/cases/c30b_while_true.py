"""while True that a tensor ends"""

import tensorflow as tf

EXPECT = "convert"
REASON = "while True that a tensor ends"
TARGETS = ["f"]


def f(x):
    while True:
        x = x / 2.0
        if tf.reduce_max(tf.abs(x)) < 1.0:
            return x


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
