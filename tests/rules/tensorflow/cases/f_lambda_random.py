"""lambda random"""

import random
import tensorflow as tf

EXPECT = "flag"
REASON = "lambda random"
TARGETS = ["f"]


f = lambda x: tf.nn.relu(x) * random.random() + tf.sin(x) - tf.square(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
