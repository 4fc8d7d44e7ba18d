"""del in branch"""

import tensorflow as tf

EXPECT = "flag"
REASON = "del in branch"
TARGETS = ["f"]


def f(x):
    d = {"a": x, "b": x * 2.0}
    if tf.reduce_sum(x) > 4.0:
        del d["b"]
    return tf.add_n(list(d.values()))


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
