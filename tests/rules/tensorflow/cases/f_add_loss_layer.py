"""add loss layer"""

import tensorflow as tf

EXPECT = "flag"
REASON = "add loss layer"
TARGETS = ["call"]


class L(tf.keras.layers.Layer):
    def call(self, x):
        self.add_loss(0.1 * tf.reduce_sum(tf.square(x)))
        return tf.nn.relu(x) * 2.0
layer = L()
def make():
    return layer
def state():
    return [[float(v) for v in layer.losses]]


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
