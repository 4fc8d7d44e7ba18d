"""An integer counted under a tensor condition."""

import tensorflow as tf

EXPECT = "flag"
REASON = "an integer counted under a tensor condition"
TARGETS = ["f"]


def f(x):
    k = 0
    for v in tf.unstack(tf.reshape(x, [-1])):
        if v > 0:
            k += 1
    return tf.nn.relu(x) * k


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
