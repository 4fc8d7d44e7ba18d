"""an exception of TensorFlow that is caught"""

import tensorflow as tf

EXPECT = "flag"
REASON = "an exception of TensorFlow that is caught"
TARGETS = ["f"]


def f(x):
    try:
        tf.debugging.assert_positive(x)
        return tf.math.log(x)
    except tf.errors.InvalidArgumentError:
        return tf.zeros_like(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
