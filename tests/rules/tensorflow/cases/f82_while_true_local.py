"""While True with a return of what only the loop binds."""

import tensorflow as tf

EXPECT = "flag"
REASON = "while True with a return of what only the loop binds"
TARGETS = ["f"]


def f(x):
    while True:
        x = x / 2.0
        y = tf.nn.relu(x)
        if tf.reduce_max(y) < 1.0:
            return y


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
