"""a counter in a Keras model"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a counter in a Keras model"
TARGETS = ["call"]


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(2)
        self.calls = 0

    def call(self, x):
        self.calls += 1
        return self.fc(x) * self.calls


def make():
    tf.keras.utils.set_random_seed(0)
    return Net()


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
