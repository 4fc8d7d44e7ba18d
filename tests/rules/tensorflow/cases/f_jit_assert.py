"""jit assert"""

import tensorflow as tf

EXPECT = "flag"
REASON = "jit assert"
TARGETS = ["f"]


@tf.function(jit_compile=True)
def f(x):
    tf.debugging.assert_less(tf.reduce_max(x), 1e6)
    return tf.sin(x) * 2.0


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
