"""An elif without an else behind a branch that goes on."""

import tensorflow as tf

EXPECT = "convert"
REASON = "an elif without an else behind a branch that goes on"
TARGETS = ["f"]


def f(x, mode=1):
    if mode == 2:
        x = x + 1.0
    elif tf.reduce_sum(x) > 3.0:
        return tf.nn.relu(x) * 2.0
    return x * 3.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
