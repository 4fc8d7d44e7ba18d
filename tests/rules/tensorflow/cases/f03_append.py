"""an append to a list outside"""

import tensorflow as tf

EXPECT = "flag"
REASON = "an append to a list outside"
TARGETS = ["f"]


history = []


def f(x):
    loss = tf.reduce_mean(tf.square(x))
    history.append(loss)
    return loss


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def state():
    return [float(v) for v in history]
