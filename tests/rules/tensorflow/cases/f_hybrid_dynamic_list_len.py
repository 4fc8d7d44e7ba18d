"""hybrid dynamic list len"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid dynamic list len"
TARGETS = ["f"]


@tf.function
def f(x):
    got = []
    for row in x:
        got.append(tf.reduce_sum(row))
    return tf.nn.relu(x) * float(len(got))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
