"""hybrid keras training attr"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid keras training attr"
TARGETS = ["call"]


class L(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.flag = True
    @tf.function
    def call(self, x):
        return tf.sin(x) * 2.0 if self.flag else tf.cos(x)
layer = L()
def make():
    def run(x):
        y = layer(x)
        layer.flag = not layer.flag
        return y
    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
