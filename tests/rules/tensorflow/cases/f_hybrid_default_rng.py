"""hybrid default rng"""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid default rng"
TARGETS = ["f"]


rng = np.random.RandomState(0)
@tf.function
def f(x):
    return tf.sin(x) * rng.uniform()


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
