"""A continue on the element."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a continue on the element"
TARGETS = ["f"]


def f(x):
    total = tf.zeros(())
    for v in x:
        if v <= 0.0:
            continue
        total += tf.math.log(v)
    return total


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
