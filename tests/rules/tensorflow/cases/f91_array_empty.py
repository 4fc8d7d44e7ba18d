"""A list that may stay empty."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a list that may stay empty"
TARGETS = ["f"]


def f(x):
    h = tf.boolean_mask(x, x > -100.0)
    out = []
    for row in h:
        out.append(tf.nn.relu(row) * 2.0)
    return tf.stack(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
