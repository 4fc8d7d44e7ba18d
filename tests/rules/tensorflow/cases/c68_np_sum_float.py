"""Np.sum of a float tensor."""

import numpy as np
import tensorflow as tf

EXPECT = "convert"
REASON = "np.sum of a float tensor"
TARGETS = ["f"]


def f(x):
    y = tf.nn.softmax(x) * 2.0
    return y / np.sum(y)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
