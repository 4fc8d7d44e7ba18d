"""While True with a Python counter."""

import tensorflow as tf

EXPECT = "flag"
REASON = "while True with a Python counter"
TARGETS = ["f"]


def f(x):
    n = 0
    while True:
        x = x / 2.0
        n += 1
        if tf.reduce_max(tf.abs(x)) < 1.0:
            break
    return x * n


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
