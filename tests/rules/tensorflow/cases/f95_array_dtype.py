"""A list of what has no dtype in the text."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a list of what has no dtype in the text"
TARGETS = ["f"]


def f(x, last=None):
    h = tf.boolean_mask(x, x > -100.0)
    s = h[0]
    out = []
    for row in h:
        out.append(tf.add_n([row, s]))
    return tf.stack(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
