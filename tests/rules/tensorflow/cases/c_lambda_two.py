"""lambda two"""

import tensorflow as tf

EXPECT = "convert"
REASON = "lambda two"
TARGETS = ["f"]


f = lambda a, b: tf.reduce_mean(tf.square(a - b)) + 0.1 * tf.reduce_sum(tf.abs(a)) - tf.reduce_max(tf.sin(b))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]), tf.constant([[0.5, n * 1.0, -1.0], [2.0, 1.0, 0.25]]))
