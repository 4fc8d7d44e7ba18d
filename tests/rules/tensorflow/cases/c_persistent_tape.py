"""persistent tape"""

import tensorflow as tf

EXPECT = "convert"
REASON = "persistent tape"
TARGETS = ["f"]


def f(x):
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        a = tf.reduce_sum(tf.sin(x))
        b = tf.reduce_sum(tf.square(x))
    return t.gradient(a, x) + t.gradient(b, x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
