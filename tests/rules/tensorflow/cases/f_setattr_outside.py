"""setattr outside"""

import tensorflow as tf

EXPECT = "flag"
REASON = "setattr outside"
TARGETS = ["f"]


class C:
    scale = 1.0
c = C()
def f(x):
    return tf.nn.relu(x) * c.scale + tf.sin(x) - tf.square(x)
def inputs(n):
    setattr(c, "scale", float(n))
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
