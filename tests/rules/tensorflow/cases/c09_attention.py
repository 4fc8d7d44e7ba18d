"""scaled dot-product attention with an optional mask"""

import tensorflow as tf

EXPECT = "convert"
REASON = "scaled dot-product attention with an optional mask"
TARGETS = ["attention"]


import math


def attention(q, k, v, mask=None):
    scores = tf.matmul(q, k, transpose_b=True) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + (1.0 - mask) * -1e9
    weights = tf.nn.softmax(scores, axis=-1)
    return tf.matmul(weights, v)


def make():
    return attention


def inputs(n):
    return tuple(tf.reshape(tf.range(12.0), (1, 3, 4)) * (0.1 * (n + 1)) + i for i in range(3))
