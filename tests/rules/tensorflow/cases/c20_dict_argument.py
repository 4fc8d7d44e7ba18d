"""a dict of tensors"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a dict of tensors"
TARGETS = ["score"]


def score(features):
    user = tf.math.l2_normalize(features["user"], axis=-1)
    item = tf.math.l2_normalize(features["item"], axis=-1)
    return tf.matmul(user, item, transpose_b=True)


def make():
    return score


def inputs(n):
    return ({"user": tf.ones((2, 4)) + n, "item": tf.reshape(tf.range(12.0), (3, 4))},)
