"""a list indexed by a tensor"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a list indexed by a tensor"
TARGETS = ["f"]


TABLE = [10.0, 20.0, 30.0]


def f(x):
    i = tf.argmax(tf.reduce_sum(x, axis=0))
    return tf.square(x) * TABLE[i]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
