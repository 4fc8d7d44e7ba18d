"""Break."""

import tensorflow as tf

EXPECT = "convert"
REASON = "break"
TARGETS = ["f"]


def f(x):
    s = tf.constant(0.0)
    for v in x:
        if v < 0.0:
            break
        s = s + tf.square(v)
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
