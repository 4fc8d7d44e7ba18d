"""repeat value"""

import tensorflow as tf

EXPECT = "flag"
REASON = "repeat value"
TARGETS = ["f"]


def f(x):
    y = tf.repeat(x, tf.cast(tf.abs(x[:, 0]), tf.int32) + 1, axis=0)
    for i in range(y.shape[0]):
        x = x + y[i]
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
