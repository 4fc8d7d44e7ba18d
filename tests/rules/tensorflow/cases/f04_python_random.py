"""Python randomness"""

import tensorflow as tf

EXPECT = "flag"
REASON = "Python randomness"
TARGETS = ["f"]


import random


def f(x):
    return tf.nn.relu(x) * random.random()


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
