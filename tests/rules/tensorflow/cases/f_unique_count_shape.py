"""unique count shape"""

import tensorflow as tf

EXPECT = "flag"
REASON = "unique count shape"
TARGETS = ["f"]


def f(x):
    vals, idx, cnt = tf.unique_with_counts(tf.reshape(x, [-1]))
    if vals.shape[0] > 4:
        return tf.reduce_sum(vals)
    return tf.reduce_max(vals)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
