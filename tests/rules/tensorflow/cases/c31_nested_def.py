"""an inner function that is used in tf.map_fn"""

import tensorflow as tf

EXPECT = "convert"
REASON = "an inner function that is used in tf.map_fn"
TARGETS = ["rows"]


def rows(x):
    def one(row):
        return tf.nn.softmax(row) * tf.reduce_max(row)

    return tf.map_fn(one, x)


def make():
    return rows


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
