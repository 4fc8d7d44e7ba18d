"""numpy append"""

import tensorflow as tf

EXPECT = "flag"
REASON = "numpy append"
TARGETS = ["f"]


def f(x):
    out = []
    s = tf.reduce_sum(x)
    while s.numpy() > 1.0:
        s = s * 0.5
        out.append(s)
    return tf.stack(out) if out else x[0]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
