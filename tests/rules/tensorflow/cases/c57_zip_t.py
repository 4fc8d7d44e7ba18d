"""Zip tensors."""

import tensorflow as tf

EXPECT = "convert"
REASON = "zip tensors"
TARGETS = ["f"]


def f(x):
    s = tf.constant(0.0)
    for a, b in zip(x, x * 2.0):
        s = s + a * b
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
