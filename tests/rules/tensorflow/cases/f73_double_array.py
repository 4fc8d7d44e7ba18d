"""An array in double precision."""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "an array in double precision"
TARGETS = ["f"]


W = tf.Variable([[1.0, 2.0]])


def f(x):
    return tf.reduce_sum(W * x)


def inputs(n):
    return (np.array([0.5 * n, 1.5]),)


def make():
    return f
