"""An average in a Variable."""

import tensorflow as tf

EXPECT = "convert"
REASON = "an average in a Variable"
TARGETS = ["call"]


class M:
    def __init__(self):
        self.m = tf.Variable(tf.zeros(3), trainable=False)

    def f(self, x):
        self.m.assign(0.9 * self.m + 0.1 * x)
        return x - self.m


def make():
    return M().f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
