"""A model with batch normalization, built before."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a model with batch normalization, built before"
TARGETS = ["f"]


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.d = tf.keras.layers.Dense(4)
        self.bn = tf.keras.layers.BatchNormalization()

    def call(self, x, training=None):
        return self.bn(self.d(x), training=training)


def make():
    tf.keras.utils.set_random_seed(1)
    net = Net()
    net(tf.zeros((1, 3)))

    def f(x):
        return net(x, training=True)

    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
