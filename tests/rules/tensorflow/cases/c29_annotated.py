"""annotations tell that the arguments are tensors"""

import tensorflow as tf

EXPECT = "convert"
REASON = "annotations tell that the arguments are tensors"
TARGETS = ["mix"]


def mix(a: tf.Tensor, b: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    return a * (1.0 - t) + b * t


def make():
    return mix


def inputs(n):
    return (tf.constant([1.0, 2.0]) + n, tf.constant([5.0, 6.0]), tf.constant(0.25 * n))
