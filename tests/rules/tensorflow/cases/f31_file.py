"""a file that is written"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a file that is written"
TARGETS = ["f"]


import os
import tempfile

PATH = os.path.join(tempfile.gettempdir(), "tf_case_log.txt")


def f(x):
    with open(PATH, "a") as handle:
        handle.write("x")
    return tf.nn.relu(x) - tf.reduce_mean(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
