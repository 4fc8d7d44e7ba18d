"""mask mean div"""

import tensorflow as tf

EXPECT = "flag"
REASON = "mask mean div"
TARGETS = ["f"]


def f(x):
    m = x[x > 0.0]
    return tf.reduce_sum(m) / m.shape[0]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
