"""a Keras model whose layers are built by its first call"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a Keras model whose layers are built by its first call"
TARGETS = ["call"]


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc1 = tf.keras.layers.Dense(8, activation="relu")
        self.fc2 = tf.keras.layers.Dense(2)

    def call(self, x):
        return self.fc2(self.fc1(x))


def make():
    tf.keras.utils.set_random_seed(3)
    return Net()


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
