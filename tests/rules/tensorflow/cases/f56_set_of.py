"""A set of tensors refs."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a set of tensors refs"
TARGETS = ["f"]


def f(x):
    seen = set()
    for v in tf.unstack(x):
        seen.add(float(v))
    return tf.nn.relu(x) * len(seen)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
