"""A branch on a tensor in a call that Keras runs."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a branch on a tensor in a call that Keras runs"
TARGETS = ["call"]


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.d = tf.keras.layers.Dense(4)

    def call(self, x):
        if tf.reduce_sum(x) > 0:
            return self.d(x)
        return -self.d(x)


def make():
    tf.keras.utils.set_random_seed(1)
    net = Net()
    net.build((None, 3))
    return net


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
