"""a comprehension over a tensor"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a comprehension over a tensor"
TARGETS = ["f"]


def f(x: tf.Tensor) -> tf.Tensor:
    return tf.stack([tf.nn.softmax(row) for row in x])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
