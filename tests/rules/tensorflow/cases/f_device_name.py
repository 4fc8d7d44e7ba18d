"""device name"""

import tensorflow as tf

EXPECT = "flag"
REASON = "device name"
TARGETS = ["f"]


def f(x):
    k = 2.0 if "CPU" in x.device else 3.0
    return tf.sin(x) * k + tf.cos(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
