"""a while loop on a tensor"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a while loop on a tensor"
TARGETS = ["root"]


def root(a):
    x = a
    while tf.abs(x * x - a) > 1e-4:
        x = 0.5 * (x + a / x)
    return x


def make():
    return root


def inputs(n):
    return (tf.constant(2.0 + 3.0 * n),)
