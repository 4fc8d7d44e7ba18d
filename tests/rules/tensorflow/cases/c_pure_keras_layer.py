"""pure keras layer"""

import keras
from keras import layers, ops
import tensorflow as tf

EXPECT = "convert"
REASON = "pure keras layer"
TARGETS = ["call"]


class Gate(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units))
        self.g = self.add_weight(shape=(shape[-1], self.units))
    def call(self, x):
        return ops.matmul(x, self.w) * ops.sigmoid(ops.matmul(x, self.g))
def make():
    return Gate(4)


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
