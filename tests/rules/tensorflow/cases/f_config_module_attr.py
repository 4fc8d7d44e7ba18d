"""config module attr"""

import types
import tensorflow as tf

EXPECT = "flag"
REASON = "config module attr"
TARGETS = ["f"]


cfg = types.SimpleNamespace(scale=1.0)
def f(x):
    return tf.nn.relu(x) * cfg.scale + tf.sin(x) - tf.square(x)
def inputs(n):
    cfg.scale = float(n)
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
