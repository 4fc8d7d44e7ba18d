"""a variable that one side of a branch binds"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a variable that one side of a branch binds"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    if s > -100.0:
        y = tf.nn.relu(x)
    return y + s


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
