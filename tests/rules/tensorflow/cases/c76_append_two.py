"""Two lists grown."""

import tensorflow as tf

EXPECT = "convert"
REASON = "two lists grown"
TARGETS = ["f"]


def f(x):
    a, b = [], []
    for v in x:
        a.append(tf.square(v))
        b.append(tf.nn.relu(v))
    return tf.stack(a) + tf.stack(b)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
