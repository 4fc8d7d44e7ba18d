"""loop len mask"""

import tensorflow as tf

EXPECT = "flag"
REASON = "loop len mask"
TARGETS = ["f"]


def f(x):
    m = tf.boolean_mask(x, x > 0.0)
    out = []
    for i in range(len(m)):
        out.append(m[i] * 2.0)
    return tf.add_n(out)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
