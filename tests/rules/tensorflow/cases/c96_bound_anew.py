"""A name that is bound anew behind the branch."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a name that is bound anew behind the branch"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 3.0:
        part = tf.nn.relu(x) * 2.0
        x = x + part
    part = x * 3.0
    return part


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
