"""a branch on a tensor with values on both sides"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a branch on a tensor with values on both sides"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 4.0:
        y = x * 2.0
    else:
        y = x - 1.0
    return tf.nn.relu(y) + tf.reduce_mean(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
