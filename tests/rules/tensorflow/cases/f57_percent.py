"""A text with %."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a text with %"
TARGETS = ["f"]


def f(x):
    n = int(tf.reduce_max(x))
    return tf.strings.length("%d" % n) + 1


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
