"""switch case"""

import tensorflow as tf

EXPECT = "convert"
REASON = "switch case"
TARGETS = ["f"]


def f(x):
    k = tf.cast(tf.reduce_max(x), tf.int32) % 3
    return tf.switch_case(k, [lambda: tf.sin(x), lambda: tf.cos(x), lambda: x * 2.0])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
