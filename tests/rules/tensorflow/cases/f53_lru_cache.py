"""An lru cache around."""

import functools

import tensorflow as tf

EXPECT = "flag"
REASON = "an lru cache around"
TARGETS = ["f"]


CALLS = []


@functools.lru_cache(None)
def table(k):
    CALLS.append(k)
    return float(k)


def f(x):
    return tf.nn.relu(x) * table(x.shape[0])


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
