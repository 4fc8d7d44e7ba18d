"""A loop over rows."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a loop over rows"
TARGETS = ["f"]


def f(x):
    s = tf.constant(0.0)
    for v in x:
        s = s + tf.square(v)
    return s


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
