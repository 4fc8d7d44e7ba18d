"""mask range"""

import tensorflow as tf

EXPECT = "flag"
REASON = "mask range"
TARGETS = ["f"]


def f(x):
    m = tf.boolean_mask(x, x > 0.0)
    t = tf.constant(0.0)
    for i in range(m.shape[0]):
        t += m[i] * float(i)
    return t


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
