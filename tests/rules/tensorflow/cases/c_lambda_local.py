"""lambda local"""

import tensorflow as tf

EXPECT = "convert"
REASON = "lambda local"
TARGETS = ["f"]


def make():
    f = lambda x: tf.nn.softmax(x) * 2.0 + tf.square(x) - tf.sin(x) * tf.cos(x)
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
