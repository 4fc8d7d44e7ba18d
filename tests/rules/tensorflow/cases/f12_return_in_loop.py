"""a return in a loop over a tensor"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a return in a loop over a tensor"
TARGETS = ["f"]


def f(x):
    for v in x:
        if v > 2.0:
            return tf.square(v)
    return tf.reduce_sum(x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
