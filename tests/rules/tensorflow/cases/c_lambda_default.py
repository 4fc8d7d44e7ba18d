"""lambda default"""

import tensorflow as tf

EXPECT = "convert"
REASON = "lambda default"
TARGETS = ["f"]


f = lambda x, axis=-1: tf.nn.softmax(x, axis=axis) * 2.0 + tf.square(x) - tf.sin(x) * tf.cos(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
