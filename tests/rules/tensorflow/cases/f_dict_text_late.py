"""dict text late"""

import tensorflow as tf

EXPECT = "flag"
REASON = "dict text late"
TARGETS = ["f"]


def f(x):
    out = {"y": tf.sin(x) * tf.cos(x)}
    out["name"] = "txt"
    return out


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
