"""A return in an else."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a return in an else"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    if s > 8.0:
        return x
    else:
        if s > 3.0:
            return tf.nn.relu(x) * 2.0
        x = x + 1.0
    return x * 3.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
