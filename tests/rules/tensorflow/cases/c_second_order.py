"""second order"""

import tensorflow as tf

EXPECT = "convert"
REASON = "second order"
TARGETS = ["f"]


def f(x):
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = tf.reduce_sum(tf.sin(x) ** 3)
        g = t1.gradient(y, x)
    return t2.gradient(g, x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
