"""Recursion on a tensor."""

import tensorflow as tf

EXPECT = "flag"
REASON = "recursion on a tensor"
TARGETS = ["f"]


def f(x):
    if tf.reduce_max(x) < 1.0:
        return x
    return f(x / 2.0)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
