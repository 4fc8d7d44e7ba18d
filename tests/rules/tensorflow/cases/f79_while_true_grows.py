"""While True that makes a tensor longer."""

import tensorflow as tf

EXPECT = "flag"
REASON = "while True that makes a tensor longer"
TARGETS = ["f"]


def f(x):
    while True:
        x = tf.concat([x, x], axis=0)
        if tf.reduce_sum(tf.abs(x)) > 30.0:
            break
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
