"""Returns in a chain of elif."""

import tensorflow as tf

EXPECT = "convert"
REASON = "returns in a chain of elif"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    if s > 8.0:
        return x
    elif s > 4.0:
        return tf.nn.relu(x) * 2.0
    return x * 3.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
