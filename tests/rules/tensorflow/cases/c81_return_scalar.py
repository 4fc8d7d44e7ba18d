"""A return of a sum, and of another behind the loop."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a return of a sum, and of another behind the loop"
TARGETS = ["f"]


def f(x):
    for i in tf.range(tf.shape(x)[0]):
        if x[i] > 2.0:
            return tf.reduce_sum(tf.sin(x)) * tf.cast(i, x.dtype)
    return tf.reduce_mean(x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
