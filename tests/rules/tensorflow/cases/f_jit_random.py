"""jit random"""

import tensorflow as tf

EXPECT = "flag"
REASON = "jit random"
TARGETS = ["f"]


@tf.function(jit_compile=True)
def f(x):
    return x + tf.random.stateless_normal([2, 3], seed=[1, 2])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
