"""sorted key"""

import tensorflow as tf

EXPECT = "flag"
REASON = "sorted key"
TARGETS = ["f"]


def f(x):
    rows = tf.unstack(x)
    rows = sorted(rows, key=lambda r: tf.reduce_sum(r))
    return tf.stack(rows) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
