"""A list of rows that only a run can count."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a list of rows that only a run can count"
TARGETS = ["f"]


def f(x):
    h = tf.boolean_mask(x, x > -100.0)
    s = tf.zeros_like(h[0])
    out = []
    for row in h:
        s = tf.tanh(row + s)
        out.append(s)
    return tf.stack(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
