"""Np.dot of arguments."""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "np.dot of arguments"
TARGETS = ["f"]


def f(x):
    return tf.nn.relu(x) * np.dot(x, x)


def inputs(n):
    return (np.array([1.0, 2.0 + n], np.float32),)


def make():
    return f
