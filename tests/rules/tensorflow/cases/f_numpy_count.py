"""numpy count"""

import tensorflow as tf

EXPECT = "flag"
REASON = "numpy count"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(tf.abs(x))
    n = 0
    while s.numpy() > 1.0:
        s = s * 0.5
        n += 1
    return tf.sin(x) * n


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
