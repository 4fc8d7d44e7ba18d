"""several results"""

import tensorflow as tf

EXPECT = "convert"
REASON = "several results"
TARGETS = ["moments"]


def moments(x):
    mean = tf.reduce_mean(x, axis=0)
    variance = tf.reduce_mean(tf.square(x - mean), axis=0)
    skew = tf.reduce_mean(((x - mean) / tf.sqrt(variance + 1e-6)) ** 3, axis=0)
    return mean, variance, {"skew": skew}


def make():
    return moments


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
