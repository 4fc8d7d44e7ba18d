"""jit gather oob"""

import tensorflow as tf

EXPECT = "flag"
REASON = "jit gather oob"
TARGETS = ["f"]


@tf.function(jit_compile=True)
def f(x):
    i = tf.cast(tf.reduce_max(x), tf.int32)
    return tf.gather(x[0], i % 3) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
