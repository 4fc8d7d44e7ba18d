"""While True that a tensor ends in the middle."""

import tensorflow as tf

EXPECT = "convert"
REASON = "while True that a tensor ends in the middle"
TARGETS = ["f"]


def f(x):
    s = tf.zeros_like(x)
    while True:
        x = tf.nn.relu(x) / 2.0
        if tf.reduce_max(tf.abs(x)) < 1.0:
            break
        s = s + x
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
