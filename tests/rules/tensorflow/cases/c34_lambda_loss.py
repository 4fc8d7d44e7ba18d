"""a loss object of Keras"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a loss object of Keras"
TARGETS = ["f"]


bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def f(y, logits):
    return bce(y, logits) + 1e-3 * tf.reduce_sum(tf.square(logits))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0], [0.0]]), tf.constant([[0.5 * n], [-1.0]]))
