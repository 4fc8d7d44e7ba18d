"""mask shape equal"""

import tensorflow as tf

EXPECT = "flag"
REASON = "mask shape equal"
TARGETS = ["f"]


def f(x):
    m = tf.boolean_mask(x, x > 0.0)
    if m.shape == (4,):
        return tf.reduce_sum(m) * 2.0
    return tf.reduce_sum(m)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
