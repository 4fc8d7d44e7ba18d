"""A function that returns a function gives a graph nothing that it could return."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a function that is returned is no value of a graph"
TARGETS = ["spread"]


def scaler(x):
    y = tf.nn.softmax(x) * 2.0 + tf.exp(x) - tf.reduce_mean(x)

    def scale(z):
        return z * y

    return scale


def spread(x):
    y = tf.nn.softmax(x) * 2.0
    return tf.sqrt(tf.reduce_mean(tf.square(y - tf.reduce_mean(y))) + 1e-6) * tf.exp(-y) + tf.nn.l2_normalize(x, -1)


def make():
    return lambda x: scaler(x)(spread(x))


def inputs(n):
    return (tf.reshape(tf.range(6.0), (2, 3)) - float(n),)


scaler(tf.ones((2, 3)))
spread(tf.ones((2, 3)))
