"""numpy read gradient"""

import tensorflow as tf

EXPECT = "convert"
REASON = "numpy read gradient"
TARGETS = ["f"]


def f(x):
    with tf.GradientTape() as t:
        t.watch(x)
        s = tf.reduce_max(x)
        y = tf.reduce_sum(tf.square(x) / s.numpy())
    return t.gradient(y, x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
