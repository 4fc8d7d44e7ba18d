"""A host function in the graph."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a host function in the graph"
TARGETS = ["f"]


def f(x):
    return tf.py_function(lambda t: t.numpy() * 2.0, [x], tf.float32) + tf.nn.relu(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
