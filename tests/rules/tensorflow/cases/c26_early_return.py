"""an early return on a tensor"""

import tensorflow as tf

EXPECT = "convert"
REASON = "an early return on a tensor"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    if s > 5.0:
        return tf.nn.relu(x) * 2.0
    return tf.nn.relu(x) - s


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
