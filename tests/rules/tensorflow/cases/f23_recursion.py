"""recursion on a tensor"""

import tensorflow as tf

EXPECT = "flag"
REASON = "recursion on a tensor"
TARGETS = ["halve"]


def halve(x):
    if tf.reduce_max(x) > 1.0:
        return halve(x / 2.0)
    return x


def make():
    return halve


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
