"""a nonlocal count"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a nonlocal count"
TARGETS = ["f"]


def make():
    count = 0

    def f(x):
        nonlocal count
        count += 1
        return tf.nn.relu(x) + count

    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
