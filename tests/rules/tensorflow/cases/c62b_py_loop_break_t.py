"""A Python loop with a tensor break."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a Python loop with a tensor break"
TARGETS = ["f"]


def f(x):
    for i in range(5):
        x = tf.nn.relu(x) * 0.9
        if tf.reduce_max(x) < 1.0:
            break
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
