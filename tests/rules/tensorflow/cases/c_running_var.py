"""running var"""

import tensorflow as tf

EXPECT = "convert"
REASON = "running var"
TARGETS = ["f"]


m = tf.Variable(0.0)
n = tf.Variable(0)
def f(x):
    n.assign_add(1)
    m.assign(m + (tf.reduce_mean(x) - m) / tf.cast(n, tf.float32))
    return tf.sin(x) - m
def state():
    return [float(m), int(n)]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
