"""Map_fn."""

import tensorflow as tf

EXPECT = "convert"
REASON = "map_fn"
TARGETS = ["f"]


def f(x):
    return tf.map_fn(lambda v: tf.square(v) + 1.0, x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
