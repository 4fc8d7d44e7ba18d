"""a line of constant text for each call"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a line of constant text for each call"
TARGETS = ["f"]


def f(x):
    print("one step")
    y = tf.nn.relu(x)
    return tf.reduce_sum(y * y) + tf.reduce_max(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
