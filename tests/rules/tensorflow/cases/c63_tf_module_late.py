"""A tf.Module built late."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a tf.Module built late"
TARGETS = ["call"]


class Dense(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = None

    def __call__(self, x):
        if self.w is None:
            self.w = tf.Variable(tf.ones((3, 2)))
        return tf.nn.relu(tf.reshape(x, (1, 3)) @ self.w)


def make():
    return Dense()


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
