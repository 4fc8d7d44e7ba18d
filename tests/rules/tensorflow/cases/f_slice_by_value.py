"""slice by value"""

import tensorflow as tf

EXPECT = "flag"
REASON = "slice by value"
TARGETS = ["f"]


def f(x):
    k = tf.argmax(x[0])
    y = x[:, : k + 1]
    return tf.reduce_sum(y) / float(y.shape[1])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
