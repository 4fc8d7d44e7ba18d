"""a Python number that changes"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a Python number that changes"
TARGETS = ["f"]
MAX_TRACES = 2


def f(x, rate):
    return tf.nn.relu(x) * rate


def make():
    state = {"n": 0}

    def run(x):
        state["n"] += 1
        return f(x, 0.1 * state["n"])

    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
