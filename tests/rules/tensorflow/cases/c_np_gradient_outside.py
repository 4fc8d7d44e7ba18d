"""np gradient outside"""

import numpy as np
import tensorflow as tf

EXPECT = "convert"
REASON = "np gradient outside"
TARGETS = ["f"]


def f(x):
    return tf.reduce_sum(x * np.exp(tf.nn.relu(x) * 0.1)) + tf.reduce_sum(tf.sin(x))
def make():
    def g(x):
        with tf.GradientTape() as t:
            t.watch(x)
            y = f(x)
        return t.gradient(y, x)
    return g


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
