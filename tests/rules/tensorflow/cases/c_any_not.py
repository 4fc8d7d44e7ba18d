"""any not"""

import tensorflow as tf

EXPECT = "convert"
REASON = "any not"
TARGETS = ["f"]


def f(x):
    if not any(tf.reshape(x, [-1]) > 3.0):
        x = x * 2.0
    return tf.square(x) + tf.sin(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
