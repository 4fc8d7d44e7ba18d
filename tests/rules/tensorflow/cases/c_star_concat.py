"""star concat"""

import tensorflow as tf

EXPECT = "convert"
REASON = "star concat"
TARGETS = ["f"]


def f(*tensors):
    y = tf.concat(tensors, axis=-1)
    return tf.nn.softmax(y) + tf.square(y) - tf.reduce_mean(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]), tf.constant([[0.5, n * 1.0, -1.0], [2.0, 1.0, 0.25]]))
