"""A range over a size that Keras tells."""

import keras
import tensorflow as tf

EXPECT = "convert"
REASON = "a range over a size that Keras tells"
TARGETS = ["f"]


def f(x):
    out = []
    for t in range(keras.ops.shape(x)[0]):
        out.append(tf.nn.relu(x[t]) * 2.0 + t)
    return tf.stack(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
