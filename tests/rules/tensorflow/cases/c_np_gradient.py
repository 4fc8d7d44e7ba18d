"""np gradient"""

import numpy as np
import tensorflow as tf

EXPECT = "convert"
REASON = "np gradient"
TARGETS = ["f"]


def f(x):
    with tf.GradientTape() as t:
        t.watch(x)
        y = tf.reduce_sum(x * np.exp(tf.nn.relu(x)))
    return t.gradient(y, x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
