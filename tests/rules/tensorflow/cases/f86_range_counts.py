"""A range in which Python counts along."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a range in which Python counts along"
TARGETS = ["f"]


def f(x):
    rounds = 0
    for _ in range(4):
        x = tf.nn.relu(x) * 0.9
        rounds = rounds + 1
        if tf.reduce_max(x) < 1.0:
            break
    return x / rounds


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
