"""Helpers and zip over Python lists."""

import tensorflow as tf

EXPECT = "convert"
REASON = "helpers and zip over Python lists"
TARGETS = ["f"]


def relu(x):
    return tf.maximum(x, 0.0)


def layer(x, w, b):
    return relu(tf.matmul(x, w) + b)


W = [tf.Variable(tf.ones((3, 4))), tf.Variable(tf.ones((4, 2)))]
B = [tf.Variable(tf.zeros(4)), tf.Variable(tf.zeros(2))]


def f(x):
    for w, b in zip(W, B):
        x = layer(x, w, b)
    return x


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
