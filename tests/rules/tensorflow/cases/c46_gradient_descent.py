"""A descent step on a Variable."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a descent step on a Variable"
TARGETS = ["f"]


lr = tf.Variable(0.1)
w = tf.Variable([1.0, 2.0, 3.0])


def f(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((x * w) ** 2)
    w.assign_sub(lr * tape.gradient(loss, w))
    return loss


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def state():
    return [float(v) for v in w.numpy()]
