"""filter rows"""

import tensorflow as tf

EXPECT = "flag"
REASON = "filter rows"
TARGETS = ["f"]


def f(x):
    keep = [row for row in x if tf.reduce_sum(row) > 0.0]
    return tf.stack(keep) * 2.0 if keep else x


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
