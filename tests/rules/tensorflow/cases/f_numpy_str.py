"""numpy str"""

import tensorflow as tf

EXPECT = "flag"
REASON = "numpy str"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    tag = "pos" if s.numpy() > 4.0 else "neg"
    return tf.sin(x) * float(len(tag) + (tag == "pos"))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
