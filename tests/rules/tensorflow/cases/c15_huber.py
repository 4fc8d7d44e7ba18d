"""a robust loss of plain ops"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a robust loss of plain ops"
TARGETS = ["huber"]


def huber(y_true, y_pred, delta=1.0):
    error = y_true - y_pred
    small = tf.abs(error) <= delta
    quadratic = 0.5 * tf.square(error)
    linear = delta * (tf.abs(error) - 0.5 * delta)
    return tf.reduce_mean(tf.where(small, quadratic, linear))


def make():
    return huber


def inputs(n):
    return (tf.constant([1.0, 2.0 * n, -3.0]), tf.constant([0.5, 4.0, 1.0 + n]))
