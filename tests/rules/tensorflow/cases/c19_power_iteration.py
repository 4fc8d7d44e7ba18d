"""a tf.range loop with a matrix"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a tf.range loop with a matrix"
TARGETS = ["dominant"]


def dominant(a):
    v = tf.ones((2, 1))
    for _ in tf.range(10):
        v = tf.matmul(a, v)
        v = v / tf.norm(v)
    return tf.matmul(v, tf.matmul(a, v), transpose_a=True)


def make():
    return dominant


def inputs(n):
    return (tf.constant([[2.0 + n, 1.0], [1.0, 3.0]]),)
