"""A list that is stacked along another axis."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a list that is stacked along another axis"
TARGETS = ["f"]


def f(x):
    h = tf.gather(x, tf.where(x[:, 0] > -100.0)[:, 0])
    s = h[0]
    out = []
    for row in h:
        out.append(row * 2.0 + s)
    return tf.stack(out, axis=1)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
