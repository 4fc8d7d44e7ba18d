"""np mean gradient"""

import numpy as np
import tensorflow as tf

EXPECT = "convert"
REASON = "np mean gradient"
TARGETS = ["f"]


w = tf.Variable(tf.ones([3]))
def f(x):
    with tf.GradientTape() as t:
        h = tf.nn.relu(x * w)
        y = tf.reduce_sum(h - np.mean(h, axis=0))
    return t.gradient(y, w)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
