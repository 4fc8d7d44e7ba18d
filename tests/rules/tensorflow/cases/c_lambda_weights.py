"""lambda weights"""

import tensorflow as tf

EXPECT = "convert"
REASON = "lambda weights"
TARGETS = ["f"]


w = tf.Variable(tf.ones([3, 2]))
b = tf.Variable(tf.zeros([2]))
f = lambda x: tf.nn.relu(tf.matmul(x, w) + b) - tf.reduce_mean(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
