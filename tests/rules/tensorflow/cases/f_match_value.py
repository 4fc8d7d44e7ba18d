"""match value"""

import tensorflow as tf

EXPECT = "flag"
REASON = "match value"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    match int(s):
        case 4:
            return tf.sin(x) * 2.0
        case _:
            return tf.cos(x) + tf.sin(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
