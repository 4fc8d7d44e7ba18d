"""A loop that changes the shape."""

import tensorflow as tf

EXPECT = "flag"
REASON = "a loop that changes the shape"
TARGETS = ["f"]


def f(x):
    y = x[:1]
    for v in x:
        y = tf.concat([y, [v]], axis=0)
    return tf.nn.relu(y)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
