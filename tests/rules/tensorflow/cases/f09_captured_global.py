"""a global number that is changed between calls"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a global number that is changed between calls"
TARGETS = ["f"]


scale = 1.0


def f(x):
    return tf.nn.relu(x) * scale


def make():
    def run(x):
        global scale
        scale = scale * 2.0
        return f(x)

    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
