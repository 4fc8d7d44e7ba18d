"""an assert on a tensor"""

import tensorflow as tf

EXPECT = "flag"
REASON = "an assert on a tensor"
TARGETS = ["f"]


def f(x):
    y = tf.square(x)
    assert tf.reduce_all(y >= 0)
    return tf.sqrt(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
