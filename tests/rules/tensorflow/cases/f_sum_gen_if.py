"""sum gen if"""

import tensorflow as tf

EXPECT = "flag"
REASON = "sum gen if"
TARGETS = ["f"]


def f(x):
    rows = tf.unstack(x)
    return sum(r * 2.0 for r in rows if tf.reduce_max(r) > 0.5)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
