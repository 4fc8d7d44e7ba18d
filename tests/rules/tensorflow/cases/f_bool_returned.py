"""bool returned"""

import tensorflow as tf

EXPECT = "flag"
REASON = "bool returned"
TARGETS = ["f"]


def f(x):
    y = tf.nn.relu(x) * tf.sin(x) + tf.cos(x)
    return bool(tf.reduce_all(y > -100.0))
def make():
    return lambda x: f(x) is True


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
