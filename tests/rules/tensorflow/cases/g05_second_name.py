"""A list that was made in this call is nobody else's under a second name, either."""

import tensorflow as tf

EXPECT = "convert"
REASON = "an argument under a second name"
TARGETS = ["padded"]


def padded(x):
    shape = x.shape.as_list()
    wanted = shape
    wanted[0] = 5
    rows = tf.concat([x, tf.zeros([5 - tf.shape(x)[0], 3])], axis=0)
    rows = tf.ensure_shape(rows, wanted)
    return tf.nn.softmax(rows) * 2.0 - tf.reduce_mean(rows)


def make():
    return padded


def inputs(n):
    return (tf.reshape(tf.range(6.0), (2, 3)) - float(n),)


padded(tf.ones((2, 3)))
