"""cond side"""

import tensorflow as tf

EXPECT = "flag"
REASON = "cond side"
TARGETS = ["f"]


seen = []
def f(x):
    def yes():
        seen.append(1)
        return tf.sin(x)
    return tf.cond(tf.reduce_sum(x) > 3.0, yes, lambda: tf.cos(x)) + 1.0
def state():
    return [len(seen)]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
