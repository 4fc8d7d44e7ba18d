"""enumerate over a tensor"""

import tensorflow as tf

EXPECT = "convert"
REASON = "enumerate over a tensor"
TARGETS = ["f"]


def f(x: tf.Tensor) -> tf.Tensor:
    total = tf.zeros(3)
    for i, row in enumerate(x):
        total = total + tf.nn.relu(row) * float(i)
    return total


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
