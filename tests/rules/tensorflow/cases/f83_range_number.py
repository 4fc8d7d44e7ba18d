"""A range whose index is a factor."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a range whose index is a factor"
TARGETS = ["f"]


def f(x):
    for i in range(4):
        x = x * 0.9 + i
        if tf.reduce_max(x) > 3.0:
            break
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
