"""Item assignment on a NumPy copy."""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "item assignment on a NumPy copy"
TARGETS = ["f"]


def f(x):
    y = np.zeros(3, np.float32)
    y[0] = tf.reduce_sum(x)
    return tf.nn.relu(x) + y


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
