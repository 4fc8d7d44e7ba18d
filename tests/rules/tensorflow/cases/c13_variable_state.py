"""state in a tf.Variable"""

import tensorflow as tf

EXPECT = "convert"
REASON = "state in a tf.Variable"
TARGETS = ["f"]


calls = tf.Variable(0)
average = tf.Variable(0.0)


def f(x):
    calls.assign_add(1)
    average.assign(0.9 * average + 0.1 * tf.reduce_mean(x))
    return x - average


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def state():
    return [int(calls), float(average)]
