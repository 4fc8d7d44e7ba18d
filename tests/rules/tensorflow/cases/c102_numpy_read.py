""".numpy() in the function"""

import tensorflow as tf

EXPECT = "convert"
REASON = ".numpy() in the function"
TARGETS = ["f"]


def f(x):
    scale = tf.reduce_max(tf.abs(x)).numpy()
    return x / scale


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
