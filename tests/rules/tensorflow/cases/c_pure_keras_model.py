"""pure keras model"""

import keras
from keras import layers, ops
import tensorflow as tf

EXPECT = "convert"
REASON = "pure keras model"
TARGETS = ["call"]


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = layers.Dense(8, activation="relu")
        self.b = layers.Dense(2)
    def call(self, x, training=None):
        return ops.softmax(self.b(self.a(x)))
def make():
    return Net()


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
