"""A comprehension."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a comprehension"
TARGETS = ["f"]


def f(x):
    return tf.stack([tf.square(v) + 1.0 for v in x])


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
