"""star args"""

import tensorflow as tf

EXPECT = "convert"
REASON = "star args"
TARGETS = ["f"]


def f(*xs):
    y = tf.add_n(xs)
    for x in xs:
        y = y + tf.sin(x)
    return tf.nn.softmax(y)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]), tf.constant([[0.5, n * 1.0, -1.0], [2.0, 1.0, 0.25]]))
