"""Nested loops."""

import tensorflow as tf

EXPECT = "convert"
REASON = "nested loops"
TARGETS = ["f"]


def f(x):
    s = tf.constant(0.0)
    for i in tf.range(tf.shape(x)[0]):
        for j in tf.range(i):
            s = s + x[i] * x[j]
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
