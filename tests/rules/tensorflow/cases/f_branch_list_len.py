"""branch list len"""

import tensorflow as tf

EXPECT = "flag"
REASON = "branch list len"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 3.0:
        ys = [x, x * 2.0]
    else:
        ys = [x]
    return tf.add_n(ys)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
