"""A helper returns text and a static shape, which stay what they are inside of a trace."""

import tensorflow as tf

EXPECT = "convert"
REASON = "only what the tf.function itself returns becomes a tensor"
TARGETS = ["f"]


def kind_and_shape(x):
    x = tf.nn.relu(x)
    if x.shape.rank == 2:
        return "matrix", x.shape
    return "other", x.shape


def f(x):
    kind, shape = kind_and_shape(x)
    scale = 2.0 if kind == "matrix" else 3.0
    y = tf.nn.softmax(x * scale) + tf.reduce_sum(x, axis=0)
    return tf.reshape(y * tf.nn.relu(y), [shape[1], shape[0]])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 0.5 * n], [0.1, 0.2, -0.3 * n]]),)
