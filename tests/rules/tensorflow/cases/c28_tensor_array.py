"""a TensorArray filled in a graph loop"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a TensorArray filled in a graph loop"
TARGETS = ["cumulative"]


def cumulative(x):
    n = tf.shape(x)[0]
    out = tf.TensorArray(tf.float32, size=n)
    total = tf.zeros_like(x[0])
    for i in tf.range(n):
        total = total + x[i]
        out = out.write(i, total)
    return out.stack()


def make():
    return cumulative


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
