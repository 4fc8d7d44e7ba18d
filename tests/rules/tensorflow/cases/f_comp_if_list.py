"""comp if list"""

import tensorflow as tf

EXPECT = "flag"
REASON = "comp if list"
TARGETS = ["f"]


def f(x):
    rows = tf.unstack(x)
    keep = [r for r in rows if tf.reduce_sum(r) > 0.0]
    return tf.add_n(keep) * 2.0 if keep else x[0]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
