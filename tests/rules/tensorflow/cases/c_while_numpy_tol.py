"""while numpy tol"""

import tensorflow as tf

EXPECT = "convert"
REASON = "while numpy tol"
TARGETS = ["f"]


def f(x, tol=1e-3):
    y = tf.reduce_mean(tf.abs(x))
    for_n = tf.constant(0)
    while y.numpy() > tol:
        y = y * 0.25
        for_n += 1
    return y, for_n


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
