"""jit ta"""

import tensorflow as tf

EXPECT = "flag"
REASON = "jit ta"
TARGETS = ["f"]


@tf.function(jit_compile=True)
def f(x):
    ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in tf.range(3):
        ta = ta.write(i, x[0, i] * 2.0)
    return ta.stack()


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
