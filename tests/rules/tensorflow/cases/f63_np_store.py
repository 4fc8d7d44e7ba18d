"""An array filled with values of tensors."""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "an array filled with values of tensors"
TARGETS = ["f"]


def f(x):
    out = np.zeros(2, np.float32)
    out[0] = tf.reduce_sum(x)
    out[1] = tf.reduce_max(x)
    return tf.nn.relu(x) * out[0] + out[1]


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
