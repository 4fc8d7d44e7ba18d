"""A callback handed in."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a callback handed in"
TARGETS = ["f"]


SEEN = []


def f(x, hook):
    y = tf.nn.relu(x) * 2.0
    hook(y)
    return y


def inputs(n):
    return (tf.constant([1.0 + n]), lambda y: SEEN.append(float(tf.reduce_sum(y))))


def state():
    return SEEN


def make():
    return f
