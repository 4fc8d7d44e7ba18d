"""hybrid numpy capture"""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid numpy capture"
TARGETS = ["f"]


w = np.ones(3, np.float32)
@tf.function
def f(x):
    return tf.sin(x) * w
def inputs(n):
    w[:] = n
    return (tf.constant([[1.0 + n, -2.0, 3.0]]),)


def make():
    return f
