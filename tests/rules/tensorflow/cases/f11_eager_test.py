"""a branch on eager execution"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a branch on eager execution"
TARGETS = ["f"]


def f(x):
    if tf.executing_eagerly():
        return tf.nn.relu(x)
    return tf.nn.relu(x) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
