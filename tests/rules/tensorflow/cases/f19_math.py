"""math.sqrt of a tensor"""

import tensorflow as tf

EXPECT = "flag"
REASON = "math.sqrt of a tensor"
TARGETS = ["f"]


import math


def f(x):
    return x / math.sqrt(tf.reduce_sum(tf.square(x)))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
