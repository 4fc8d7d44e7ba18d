"""monkey patch"""

import tensorflow as tf

EXPECT = "flag"
REASON = "monkey patch"
TARGETS = ["f"]


def act(x):
    return tf.nn.relu(x)
def f(x):
    return act(x) * 2.0 + tf.sin(x) - tf.square(x)
def inputs(n):
    global act
    act = tf.nn.relu if n % 2 else tf.tanh
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
