"""sinkhorn"""

import tensorflow as tf

EXPECT = "convert"
REASON = "sinkhorn"
TARGETS = ["f"]


def f(x):
    k = tf.exp(-tf.abs(x))
    u = tf.ones([2])
    for _ in range(5):
        v = 1.0 / tf.linalg.matvec(k, u, transpose_a=True)
        u = 1.0 / tf.linalg.matvec(k, v)
    return u[:, None] * k * v[None, :]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
