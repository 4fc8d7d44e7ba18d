"""a list of Variables in a comprehension"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a list of Variables in a comprehension"
TARGETS = ["f"]


weights = [tf.Variable(tf.eye(3) * (i + 1.0)) for i in range(3)]


def f(x):
    heads = [tf.matmul(x, w) for w in weights]
    return tf.nn.relu(tf.add_n(heads)) / len(heads)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
