"""branch dict"""

import tensorflow as tf

EXPECT = "flag"
REASON = "branch dict"
TARGETS = ["f"]


def f(x):
    if tf.reduce_sum(x) > 3.0:
        out = {"a": x, "b": x * 2.0}
    else:
        out = {"a": x}
    return out["a"] * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
