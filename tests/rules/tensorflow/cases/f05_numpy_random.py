"""NumPy randomness"""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "NumPy randomness"
TARGETS = ["f"]


def f(x):
    mask = np.random.rand(3) > 0.5
    return tf.where(mask, x, tf.zeros_like(x))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
