"""property state"""

import tensorflow as tf

EXPECT = "flag"
REASON = "property state"
TARGETS = ["f"]


class S:
    def __init__(self):
        self.n = 0
    @property
    def k(self):
        self.n += 1
        return float(self.n)
s = S()
def f(x):
    return tf.sin(x) * s.k + tf.cos(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
