"""List of a tensor."""

import tensorflow as tf

EXPECT = "convert"
REASON = "list of a tensor"
TARGETS = ["f"]


def f(x):
    parts = list(x * 2.0)
    return tf.add_n([tf.square(p) for p in parts])


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
