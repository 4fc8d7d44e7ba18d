"""While True that fills a list."""

import tensorflow as tf

EXPECT = "flag"
REASON = "while True that fills a list"
TARGETS = ["f"]


def f(x):
    seen = []
    while True:
        x = x / 2.0
        seen.append(x)
        if tf.reduce_max(tf.abs(x)) < 1.0:
            break
    return tf.add_n(seen)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
