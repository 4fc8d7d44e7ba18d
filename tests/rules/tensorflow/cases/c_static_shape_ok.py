"""static shape ok"""

import tensorflow as tf

EXPECT = "convert"
REASON = "static shape ok"
TARGETS = ["f"]


def f(x):
    n = x.shape[0]
    y = tf.reshape(x, [n, -1])
    return tf.reduce_sum(y) / float(n) + tf.reduce_mean(y) / y.shape[1]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
