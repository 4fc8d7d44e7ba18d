"""A dict counted by values."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a dict counted by values"
TARGETS = ["f"]


def f(x):
    counts = {}
    for v in tf.unstack(x):
        counts[float(v)] = counts.get(float(v), 0) + 1
    return tf.nn.relu(x) * float(len(counts))


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
