"""Append and stack."""

import tensorflow as tf

EXPECT = "convert"
REASON = "append and stack"
TARGETS = ["f"]


def f(x):
    out = []
    for v in x:
        out.append(tf.square(v))
    return tf.stack(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
