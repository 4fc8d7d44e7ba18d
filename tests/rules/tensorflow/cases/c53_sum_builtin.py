"""the built-in sum over a tensor"""

import tensorflow as tf

EXPECT = "convert"
REASON = "the built-in sum over a tensor"
TARGETS = ["f"]


def f(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.relu(sum(x)) + tf.reduce_mean(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
