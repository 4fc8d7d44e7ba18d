"""helper len"""

import tensorflow as tf

EXPECT = "flag"
REASON = "helper len"
TARGETS = ["f"]


def positives(x):
    return tf.boolean_mask(x, x > 0.0)
def f(x):
    p = positives(x)
    return tf.reduce_sum(p) / p.shape[0]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
