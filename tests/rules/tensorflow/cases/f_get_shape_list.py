"""get shape list"""

import tensorflow as tf

EXPECT = "flag"
REASON = "get shape list"
TARGETS = ["f"]


def f(x):
    m = tf.boolean_mask(x, x > 0.0)
    n = m.get_shape().as_list()[0]
    return tf.reduce_sum(m) / n


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
