"""np load"""

import numpy as np, tempfile
import tensorflow as tf

EXPECT = "flag"
REASON = "np load"
TARGETS = ["f"]


P = tempfile.mktemp(suffix=".npy")
def f(x):
    w = np.load(P)
    return tf.nn.relu(x) * w.astype("float32") + tf.sin(x)
def inputs(n):
    np.save(P, np.ones(3) * n)
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
