"""layer toggle"""

import tensorflow as tf

EXPECT = "flag"
REASON = "layer toggle"
TARGETS = ["call"]


class L(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.noise = True
    def call(self, x):
        if self.noise:
            x = x + 1.0
        return tf.nn.relu(x) * tf.sin(x)
layer = L()
def make():
    def run(x):
        y = layer(x)
        layer.noise = not layer.noise
        return y
    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
