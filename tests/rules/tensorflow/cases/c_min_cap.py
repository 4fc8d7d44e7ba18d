"""min cap"""

import tensorflow as tf

EXPECT = "convert"
REASON = "min cap"
TARGETS = ["f"]


def f(x):
    n = tf.norm(x)
    k = tf.reduce_max(x)
    return x * min(n, k) + tf.sin(x) + tf.square(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
