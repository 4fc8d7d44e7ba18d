"""getattr dynamic"""

import tensorflow as tf

EXPECT = "flag"
REASON = "getattr dynamic"
TARGETS = ["f"]


class C:
    pass
c = C()
c.scale = 1.0
def f(x):
    return tf.nn.relu(x) * getattr(c, "scale") + tf.sin(x)
def inputs(n):
    c.scale = float(n)
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
