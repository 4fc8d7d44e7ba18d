"""inner while state"""

import tensorflow as tf

EXPECT = "flag"
REASON = "inner while state"
TARGETS = ["f"]


def f(x):
    count = 0
    def step(t):
        nonlocal count
        count += 1
        return t * 0.5
    y = x
    while tf.reduce_sum(tf.abs(y)) > 1.0:
        y = step(y)
    return y + float(count)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
