"""a Variable made in each call"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a Variable made in each call"
TARGETS = ["f"]


def f(x):
    v = tf.Variable(tf.zeros_like(x))
    v.assign_add(x)
    return v * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
