"""A break on a running sum of rows."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a break on a running sum of rows"
TARGETS = ["f"]


def f(x):
    total = tf.zeros(())
    for row in x:
        total = total + tf.nn.relu(row)
        if tf.reduce_sum(total) > 5.0:
            break
    return total


def inputs(n):
    return (tf.constant([[1.0 + n, 2.0], [0.5, -1.0 * n]]),)


def make():
    return f
