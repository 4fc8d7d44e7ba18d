"""mask tfshape"""

import tensorflow as tf

EXPECT = "convert"
REASON = "mask tfshape"
TARGETS = ["f"]


def f(x):
    m = tf.boolean_mask(x, x > 0.0)
    return tf.reduce_sum(m) / tf.cast(tf.shape(m)[0], tf.float32)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
