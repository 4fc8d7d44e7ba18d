"""A list that is filled at times."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a list that is filled at times"
TARGETS = ["f"]


def f(x):
    h = tf.boolean_mask(x, x > -100.0)
    s = h[0]
    out = []
    for row in h:
        if row > -100.0:
            out.append(row * 2.0 + s)
    return tf.stack(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
