"""a cache of the first call"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a cache of the first call"
TARGETS = ["f"]


cache = {}


def f(x):
    if "mean" not in cache:
        cache["mean"] = tf.reduce_mean(x)
    return x - cache["mean"]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
