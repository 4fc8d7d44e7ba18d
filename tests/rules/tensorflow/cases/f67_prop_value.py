"""A property."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a property"
TARGETS = ["f"]


class Gauss:
    def __init__(self):
        self.log_std = tf.constant([0.0, 0.5, 1.0])

    @property
    def std(self):
        return tf.exp(self.log_std) * 2.0


G = Gauss()


def f(x):
    G.log_std = x
    return G.std


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
