"""A helper that keeps the values."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a helper that keeps the values"
TARGETS = ["f"]


log = []


def hook(x):
    log.append(float(tf.reduce_sum(x)))
    return x


def f(x):
    return hook(tf.nn.relu(x)) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def state():
    return list(log)
