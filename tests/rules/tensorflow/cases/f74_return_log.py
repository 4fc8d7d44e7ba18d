"""A return behind the loop whose gradient may be nan."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a return behind the loop whose gradient may be nan"
TARGETS = ["f"]


def f(x):
    for v in x:
        if v > 2.0:
            return tf.reduce_sum(x)
    return tf.math.log(tf.reduce_sum(tf.square(x)))


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
