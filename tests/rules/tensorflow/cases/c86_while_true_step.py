"""While True around a function of its own."""

import tensorflow as tf

EXPECT = "convert"
REASON = "while True around a function of its own"
TARGETS = ["f"]


def step(y):
    return y - 0.1 * tf.tanh(y)


def f(x):
    y = tf.nn.relu(x)
    while True:
        new = step(y)
        done = tf.reduce_max(tf.abs(new - y)) < 0.01
        y = new
        if done:
            break
    return y


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
