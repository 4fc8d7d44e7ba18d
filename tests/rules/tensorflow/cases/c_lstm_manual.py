"""lstm manual"""

import tensorflow as tf

EXPECT = "convert"
REASON = "lstm manual"
TARGETS = ["f"]


W = tf.Variable(tf.random.stateless_normal([6, 12], seed=[3, 4]) * 0.1)
def f(x):
    h = tf.zeros([2, 3])
    c = tf.zeros([2, 3])
    for t in range(x.shape[1]):
        z = tf.concat([x[:, t], h], axis=1) @ W
        i, g, o, u = tf.split(z, 4, axis=1)
        c = tf.sigmoid(g) * c + tf.sigmoid(i) * tf.tanh(u)
        h = tf.sigmoid(o) * tf.tanh(c)
    return h
def inputs(n):
    return (tf.reshape(tf.range(24.0), [2, 4, 3]) * 0.1 + n,)


def make():
    return f
