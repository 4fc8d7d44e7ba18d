"""filter lambda"""

import tensorflow as tf

EXPECT = "flag"
REASON = "filter lambda"
TARGETS = ["f"]


def f(x):
    rows = tf.unstack(x)
    keep = list(filter(lambda r: tf.reduce_sum(r) > -100.0, rows))
    return tf.add_n(keep) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
