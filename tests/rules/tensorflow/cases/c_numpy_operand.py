"""numpy operand"""

import tensorflow as tf

EXPECT = "convert"
REASON = "numpy operand"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_max(tf.abs(x)).numpy()
    y = x / s
    return tf.sin(y) + tf.square(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
