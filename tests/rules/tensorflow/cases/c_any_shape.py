"""any shape"""

import tensorflow as tf

EXPECT = "convert"
REASON = "any shape"
TARGETS = ["f"]


def f(x):
    bad = x < -1.5
    if any(bad) or all(x > 3.0):
        x = tf.abs(x)
    return tf.square(x) + tf.sin(x)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
