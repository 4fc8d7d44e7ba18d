"""None until the first round."""

import tensorflow as tf

EXPECT = "flag"
REASON = "None until the first round"
TARGETS = ["f"]


def f(x):
    best = None
    for row in tf.unstack(x):
        s = tf.reduce_sum(row)
        if best is None or s > best:
            best = s
    return best


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
