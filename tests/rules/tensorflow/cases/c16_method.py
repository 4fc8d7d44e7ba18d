"""a method of a plain class"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a method of a plain class"
TARGETS = ["predict"]


class Regression:
    def __init__(self):
        self.w = tf.Variable([[0.5], [1.5], [-1.0]])
        self.b = tf.Variable(0.25)

    def predict(self, x):
        scores = tf.matmul(x, self.w) + self.b
        return tf.sigmoid(scores) * tf.cast(scores > 0, tf.float32)


def make():
    return Regression().predict


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
