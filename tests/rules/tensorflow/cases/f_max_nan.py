"""max nan"""

import tensorflow as tf

EXPECT = "flag"
REASON = "max nan"
TARGETS = ["f"]


def f(x):
    a = tf.reduce_sum(x) * float("nan")
    b = tf.reduce_max(x)
    return tf.stack([max(a, b), max(b, a), min(a, b), min(b, a)])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
