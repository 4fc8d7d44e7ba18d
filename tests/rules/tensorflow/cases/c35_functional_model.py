"""a functional model that is only called at program level"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a functional model that is only called at program level"
TARGETS = ["net"]


def build():
    inputs = tf.keras.Input((3,))
    h = tf.keras.layers.Dense(4, activation="relu")(inputs)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(1)(h))


def make():
    tf.keras.utils.set_random_seed(0)
    net = build()
    print("sum", float(tf.reduce_sum(net(tf.ones((1, 3))))) > -100.0)

    def score(x):
        return tf.sigmoid(net(x)) * 2.0

    return score


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
