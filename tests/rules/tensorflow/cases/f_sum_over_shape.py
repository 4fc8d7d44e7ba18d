"""sum over shape"""

import tensorflow as tf

EXPECT = "flag"
REASON = "sum over shape"
TARGETS = ["f"]


def f(x):
    m = x[x > 0.5]
    return tf.reduce_sum(m) * sum(m.shape)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
