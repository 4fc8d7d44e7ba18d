"""The last output kept on the model."""

import tensorflow as tf

EXPECT = "flag"
REASON = "the last output kept on the model"
TARGETS = ["call"]


class M(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.d = tf.keras.layers.Dense(3)
        self.last = None

    def call(self, x):
        y = self.d(x)
        self.last = y
        return y


def make():
    return M()


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
