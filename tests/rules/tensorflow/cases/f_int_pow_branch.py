"""int pow branch"""

import tensorflow as tf

EXPECT = "flag"
REASON = "int pow branch"
TARGETS = ["f"]


def f(x):
    s = tf.reduce_sum(x)
    if s > 5:
        y = tf.cast(x, tf.float32) * 0.5
    else:
        y = x
    return y + y


def make():
    return f


def inputs(n):
    return (tf.constant([1 + n, 2, 3 * n]),)
