"""numpy and"""

import tensorflow as tf

EXPECT = "convert"
REASON = "numpy and"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    m = tf.reduce_max(tf.abs(x))
    if s.numpy() > 0 and not m.numpy() > 10.0:
        x = x * 2.0
    return tf.sin(x) + tf.square(x) - s


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
