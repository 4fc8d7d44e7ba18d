"""A cycle."""

import itertools

import tensorflow as tf

EXPECT = "flag"
REASON = "a cycle"
TARGETS = ["f"]


C = itertools.cycle([1.0, 2.0, 3.0])


def f(x):
    return tf.nn.relu(x) * next(C)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
