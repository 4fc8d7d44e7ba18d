"""break and continue in a graph loop"""

import tensorflow as tf

EXPECT = "convert"
REASON = "break and continue in a graph loop"
TARGETS = ["f"]


def f(x):
    total = tf.constant(0.0)
    for i in tf.range(10):
        v = tf.cast(i, tf.float32) * tf.reduce_sum(x)
        if v < 0.0:
            continue
        if v > 20.0:
            break
        total = total + v
    return total


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
