"""int gradient"""

import tensorflow as tf

EXPECT = "convert"
REASON = "int gradient"
TARGETS = ["f"]


def f(x):
    with tf.GradientTape() as t:
        t.watch(x)
        n = float(tf.reduce_sum(x))
        y = tf.reduce_sum(tf.square(x)) * n
    return t.gradient(y, x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
