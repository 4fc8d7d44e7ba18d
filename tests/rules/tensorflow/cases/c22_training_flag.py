"""a flag that is a Python bool"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a flag that is a Python bool"
TARGETS = ["f"]


def f(x, training=False):
    y = tf.nn.relu(x)
    if training:
        y = y * 0.5
    return y - tf.reduce_mean(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
