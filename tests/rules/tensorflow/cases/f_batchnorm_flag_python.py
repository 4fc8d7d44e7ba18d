"""batchnorm flag python"""

import tensorflow as tf

EXPECT = "flag"
REASON = "batchnorm flag python"
TARGETS = ["f"]


bn = tf.keras.layers.BatchNormalization()
class S:
    train = True
s = S()
def f(x):
    return bn(x, training=s.train) * 2.0 + tf.square(x)
def make():
    def run(x):
        y = f(x)
        s.train = not s.train
        return y
    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
