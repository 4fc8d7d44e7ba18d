"""A range that may count below zero."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a range that may count below zero"
TARGETS = ["f"]


class M:
    def __init__(self, steps):
        self.steps = steps

    def f(self, x):
        for _ in range(self.steps):
            x = tf.nn.relu(x) * 0.9
            if tf.reduce_max(x) < 1.0:
                break
        return x


def make():
    return M(3).f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
