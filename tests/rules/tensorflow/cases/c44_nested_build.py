"""Keras layers with a build of their own."""

import tensorflow as tf

EXPECT = "convert"
REASON = "Keras layers with a build of their own"
TARGETS = ["call"]


from tensorflow import keras


class Dense(keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, s):
        self.w = self.add_weight(shape=(s[-1], self.units), initializer="ones")

    def call(self, x):
        return tf.nn.relu(tf.matmul(x, self.w))


class MLP(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = Dense(4)
        self.b = Dense(2)

    def call(self, x):
        return self.b(self.a(x))


def make():
    return MLP()


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
