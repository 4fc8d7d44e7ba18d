"""Several values assigned at once."""

import tensorflow as tf

EXPECT = "convert"
REASON = "several values assigned at once"
TARGETS = ["f"]


def f(x):
    u, s, v = x, x * 2.0, x + 1.0
    a, b = tf.split(u, 2, axis=0)
    mean, var = tf.nn.moments(s, axes=[0])
    return a + b + mean - var + v[:1]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
