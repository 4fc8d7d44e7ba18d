"""helpers that are called from the function only"""

import tensorflow as tf

EXPECT = "convert"
REASON = "helpers that are called from the function only"
TARGETS = ["loss"]


def center(x):
    return x - tf.reduce_mean(x, axis=0, keepdims=True)


def cosine(a, b):
    a = tf.math.l2_normalize(a, axis=-1)
    b = tf.math.l2_normalize(b, axis=-1)
    return tf.reduce_sum(a * b, axis=-1)


def loss(a, b):
    return 1.0 - tf.reduce_mean(cosine(center(a), center(b)))


def make():
    return loss


def inputs(n):
    return (tf.constant([[1.0 + n, 2.0], [3.0, -1.0]]), tf.constant([[0.5, 1.0 * n], [2.0, 1.0]]))
