"""a print of a tensor"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a print of a tensor"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(tf.square(x))
    print("sum of squares:", s)
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
