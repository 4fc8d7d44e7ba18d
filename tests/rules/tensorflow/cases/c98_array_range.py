"""A list that a range over a tensor fills."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a list that a range over a tensor fills"
TARGETS = ["f"]


def f(x):
    h = tf.gather(x, tf.where(x > -100.0)[:, 0])
    s = h[0] * 0.5
    out = []
    for i in tf.range(tf.shape(h)[0]):
        s = s + h[i]
        out.append(tf.cast(s, tf.float64))
    return tf.stack(out, axis=0) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
