"""hybrid tf random seed"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid tf random seed"
TARGETS = ["f"]


@tf.function
def f(x):
    tf.random.set_seed(3)
    return x + tf.random.normal([2, 3])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
