"""getenv"""

import os
import tensorflow as tf

EXPECT = "flag"
REASON = "getenv"
TARGETS = ["f"]


def f(x):
    s = float(os.getenv("SCALE", "1"))
    return tf.nn.relu(x) * s + tf.sin(x)
def inputs(n):
    os.environ["SCALE"] = str(n)
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
