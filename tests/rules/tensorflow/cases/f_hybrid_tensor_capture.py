"""hybrid tensor capture"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid tensor capture"
TARGETS = ["f"]


c = tf.constant(1.0)
@tf.function
def f(x):
    return tf.sin(x) * c
def inputs(n):
    global c
    c = tf.constant(float(n))
    return (tf.constant([[1.0 + n, -2.0, 3.0]]),)


def make():
    return f
