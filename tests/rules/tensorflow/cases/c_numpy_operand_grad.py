"""numpy operand grad"""

import tensorflow as tf

EXPECT = "convert"
REASON = "numpy operand grad"
TARGETS = ["f"]


def f(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        s = tf.reduce_max(tf.abs(x)).numpy()
        y = tf.reduce_sum(tf.square(x / s))
    return tape.gradient(y, x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
