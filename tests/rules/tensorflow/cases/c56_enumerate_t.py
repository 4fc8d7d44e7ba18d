"""Enumerate a tensor."""

import tensorflow as tf

EXPECT = "convert"
REASON = "enumerate a tensor"
TARGETS = ["f"]


def f(x):
    s = tf.constant(0.0)
    for i, v in enumerate(x):
        s = s + float(i) * tf.square(v)
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
