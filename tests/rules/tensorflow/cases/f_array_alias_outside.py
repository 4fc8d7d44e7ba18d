"""array alias outside"""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "array alias outside"
TARGETS = ["f"]


w = np.ones(3, dtype=np.float32)
view = w[:2]
def f(x):
    return tf.nn.relu(x) * w + tf.sin(x) - tf.square(x)
def inputs(n):
    view[0] = float(n)
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
