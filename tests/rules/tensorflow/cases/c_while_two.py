"""while two"""

import tensorflow as tf

EXPECT = "convert"
REASON = "while two"
TARGETS = ["f"]


def f(x):
    err = tf.reduce_max(x)
    y = x
    i = 0
    while err.numpy() > 0.1 and i < 20:
        y = y * 0.5
        err = tf.reduce_max(y)
        i += 1
    return y * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
