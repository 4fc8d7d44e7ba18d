"""pure keras state"""

import keras
from keras import layers, ops
import tensorflow as tf

EXPECT = "flag"
REASON = "pure keras state"
TARGETS = ["call"]


class Ema(layers.Layer):
    def __init__(self):
        super().__init__()
        self.last = 0.0
    def call(self, x):
        self.last = ops.mean(x)
        return ops.relu(x) - self.last
layer = Ema()
def make():
    return layer
def state():
    return [float(layer.last)]


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
