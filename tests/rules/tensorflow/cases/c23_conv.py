"""a convolution by tf.nn"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a convolution by tf.nn"
TARGETS = ["f"]


K = tf.Variable(tf.reshape(tf.range(18.0), (3, 3, 1, 2)) / 18.0)


def f(x):
    y = tf.nn.conv2d(x, K, strides=1, padding="SAME")
    y = tf.nn.max_pool2d(tf.nn.relu(y), 2, 2, "VALID")
    return tf.reduce_mean(y, axis=[1, 2])


def make():
    return f


def inputs(n):
    return (tf.reshape(tf.range(64.0), (1, 8, 8, 1)) / 64.0 + n,)
