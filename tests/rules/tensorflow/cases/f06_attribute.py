"""a moving average in a Python attribute"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a moving average in a Python attribute"
TARGETS = ["update"]


class Average:
    def __init__(self):
        self.value = tf.zeros(())

    def update(self, x):
        self.value = 0.9 * self.value + 0.1 * tf.reduce_mean(x)
        return x - self.value


def make():
    return Average().update


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
