"""a tf.Module with __call__"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a tf.Module with __call__"
TARGETS = ["__call__"]


class Affine(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable(tf.ones((3, 2)) * 0.3)
        self.b = tf.Variable(tf.zeros((2,)))

    def __call__(self, x):
        y = tf.matmul(x, self.w) + self.b
        return tf.nn.elu(y) - tf.reduce_mean(y)


def make():
    return Affine()


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
