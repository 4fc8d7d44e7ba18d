"""np.exp and np.maximum on what float ops give"""

import numpy as np
import tensorflow as tf

EXPECT = "convert"
REASON = "np.exp and np.maximum on what float ops give"
TARGETS = ["f"]


def f(x):
    y = tf.nn.relu(x)
    z = np.exp(-y)
    return tf.reduce_sum(z) + y


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
