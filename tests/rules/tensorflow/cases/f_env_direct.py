"""env direct"""

import os
import tensorflow as tf

EXPECT = "flag"
REASON = "env direct"
TARGETS = ["f"]


def f(x):
    if "FAST" in os.environ:
        return tf.nn.relu(x) * 2.0
    return tf.sin(x) + tf.cos(x)
def inputs(n):
    os.environ.pop("FAST", None)
    if n == 1:
        os.environ["FAST"] = "1"
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
