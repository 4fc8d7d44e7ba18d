"""ternary numpy"""

import tensorflow as tf

EXPECT = "convert"
REASON = "ternary numpy"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_mean(x)
    y = x * 2.0 if s.numpy() > 1.0 else x * 3.0
    return tf.square(y) + tf.sin(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
