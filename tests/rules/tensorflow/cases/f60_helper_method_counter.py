"""A counter in a helper object."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a counter in a helper object"
TARGETS = ["f"]


class Stats:
    def __init__(self):
        self.n = 0

    def tick(self):
        self.n += 1


S = Stats()


def f(x):
    S.tick()
    return tf.nn.relu(x) * 2.0


def state():
    return [S.n]


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
