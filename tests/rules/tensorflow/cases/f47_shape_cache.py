"""A cache by shape."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a cache by shape"
TARGETS = ["get"]


class Cache:
    def __init__(self):
        self.store = {}

    def get(self, x):
        key = tuple(x.shape)
        if key not in self.store:
            self.store[key] = tf.ones(x.shape) * float(len(self.store) + 1)
        return x * self.store[key]


def make():
    c = Cache()
    return c.get


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
