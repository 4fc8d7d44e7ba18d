"""A TensorArray whose name is used for its rows behind the loop."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a TensorArray whose name is used for its rows behind the loop"
TARGETS = ["f"]


def f(x):
    out = tf.TensorArray(tf.float32, size=tf.shape(x)[0])
    total = tf.constant(0.0)
    for i in tf.range(tf.shape(x)[0]):
        total = x[i] + 0.9 * total
        out = out.write(i, total)
    out = out.stack()[::-1]
    return out - tf.reduce_mean(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
