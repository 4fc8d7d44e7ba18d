"""bool number"""

import tensorflow as tf

EXPECT = "convert"
REASON = "bool number"
TARGETS = ["f"]


def f(x):
    if bool(tf.reduce_sum(x)):
        x = x * 3.0
    return tf.square(x) + tf.sin(x) + tf.nn.relu(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
