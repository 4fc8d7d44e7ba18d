"""getitem state"""

import tensorflow as tf

EXPECT = "flag"
REASON = "getitem state"
TARGETS = ["f"]


class D(dict):
    def __missing__(self, key):
        self[key] = len(self) + 1.0
        return self[key]
d = D()
def f(x):
    return tf.sin(x) * d[len(d)] + tf.cos(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
