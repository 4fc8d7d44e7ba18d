"""A tf.function that reads a global that changes."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a tf.function that reads a global that changes"
TARGETS = ["f"]


@tf.function
def f(x):
    return tf.nn.relu(x) * scale


scale = 1.0


def make():
    def run(x):
        global scale
        scale += 1.0
        return f(x)

    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
