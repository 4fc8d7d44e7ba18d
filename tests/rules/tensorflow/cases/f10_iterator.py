"""a Python iterator"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a Python iterator"
TARGETS = ["f"]


rates = iter([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0] * 1000)


def f(x):
    return tf.square(x) * next(rates)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
