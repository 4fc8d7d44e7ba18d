"""ndim branch"""

import tensorflow as tf

EXPECT = "flag"
REASON = "ndim branch"
TARGETS = ["f"]


def f(x):
    m = tf.boolean_mask(x, x > 0.0)
    if m.shape[0] is None:
        return tf.reduce_sum(m) * 0.0
    return tf.reduce_sum(m)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
