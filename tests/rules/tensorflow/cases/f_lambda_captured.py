"""lambda captured"""

import tensorflow as tf

EXPECT = "flag"
REASON = "lambda captured"
TARGETS = ["f"]


k = 1.0
f = lambda x: tf.nn.relu(x) * k + tf.sin(x) - tf.square(x) + tf.cos(x)
def inputs(n):
    global k
    k = float(n)
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
