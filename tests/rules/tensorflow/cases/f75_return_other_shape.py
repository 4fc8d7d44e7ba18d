"""A return of another shape than behind the loop."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a return of another shape than behind the loop"
TARGETS = ["f"]


def f(x):
    for v in x:
        if tf.reduce_sum(v) > 2.5:
            return tf.square(x)
    return tf.reduce_sum(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
