"""A tf.function that prints."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a tf.function that prints"
TARGETS = ["f"]


@tf.function
def f(x):
    print("tracing")
    return tf.nn.relu(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
