"""While True that nan keeps from ending at once."""

import tensorflow as tf

EXPECT = "convert"
REASON = "while True that nan keeps from ending at once"
TARGETS = ["f"]


def f(x):
    steps = tf.constant(0)
    while True:
        if tf.reduce_max(x) < 1.0 or steps > 5:
            break
        x = tf.sqrt(x) * 0.9
        steps = steps + 1
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
