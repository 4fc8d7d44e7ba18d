"""Text among the results."""

import tensorflow as tf

EXPECT = "flag"
REASON = "text among the results"
TARGETS = ["f"]


def f(x):
    return {"out": tf.nn.relu(x), "name": "relu"}


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
