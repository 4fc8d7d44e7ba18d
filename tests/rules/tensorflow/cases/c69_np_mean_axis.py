"""Np.mean over an axis."""

import numpy as np
import tensorflow as tf

EXPECT = "convert"
REASON = "np.mean over an axis"
TARGETS = ["f"]


def f(x):
    y = tf.nn.softmax(tf.reshape(x, (1, 3))) * 2.0
    return y - np.mean(y, axis=0, keepdims=True)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
