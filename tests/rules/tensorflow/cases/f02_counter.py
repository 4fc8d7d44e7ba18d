"""a global counter"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a global counter"
TARGETS = ["f"]


calls = 0


def f(x):
    global calls
    calls += 1
    return tf.nn.relu(x) * float(calls)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def state():
    return [calls]
