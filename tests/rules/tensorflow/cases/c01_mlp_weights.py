"""a perceptron of tf.Variables"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a perceptron of tf.Variables"
TARGETS = ["f"]


rng = tf.random.Generator.from_seed(1)
W1 = tf.Variable(rng.normal((3, 8)))
W2 = tf.Variable(rng.normal((8, 2)))


def f(x):
    h = tf.nn.relu(tf.matmul(x, W1))
    h = h - tf.reduce_mean(h, axis=-1, keepdims=True)
    return tf.nn.softmax(tf.matmul(h, W2))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
