"""a static method"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a static method"
TARGETS = ["norm"]


class Ops:
    @staticmethod
    def norm(x):
        y = tf.square(x)
        return x / tf.sqrt(tf.reduce_sum(y, axis=-1, keepdims=True) + 1e-6)


def make():
    return Ops.norm


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
