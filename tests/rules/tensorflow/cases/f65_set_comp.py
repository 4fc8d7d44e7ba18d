"""A set of values."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a set of values"
TARGETS = ["f"]


def f(x):
    seen = {int(v) for v in tf.unstack(x)}
    return tf.nn.relu(x) * float(len(seen))


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
