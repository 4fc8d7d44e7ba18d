"""A dict of settings that changes."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a dict of settings that changes"
TARGETS = ["f"]


cfg = {"scale": 2.0}


def f(x):
    return tf.nn.relu(x) * cfg["scale"]


def make():
    def run(x):
        cfg["scale"] *= 2.0
        return f(x)

    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
