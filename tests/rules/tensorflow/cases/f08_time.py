"""the clock"""

import tensorflow as tf

EXPECT = "flag"
REASON = "the clock"
TARGETS = ["f"]


import time

START = time.time()


def f(x):
    late = time.time() - START > 1e6
    return tf.nn.relu(x) if late else tf.nn.relu(x) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
