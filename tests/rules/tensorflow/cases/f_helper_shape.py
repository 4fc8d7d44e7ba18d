"""helper shape"""

import tensorflow as tf

EXPECT = "flag"
REASON = "helper shape"
TARGETS = ["f"]


def mean_of(m):
    return tf.reduce_sum(m) / m.shape[0]
def f(x):
    return mean_of(tf.boolean_mask(x, x > 0.0)) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
