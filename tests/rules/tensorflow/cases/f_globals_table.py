"""a global that is bound through globals()"""

import tensorflow as tf

EXPECT = "flag"
REASON = "a global that is bound through globals()"
TARGETS = ["f"]
rate = 0.5


def f(x):
    return tf.reduce_sum(tf.exp(-rate * x) * tf.tanh(x) + tf.square(x))


def tune(value):
    globals().update(rate=value)


def make():
    def run(x):
        y = f(x)
        tune(rate + 0.25)
        return y

    return run


def inputs(n):
    return (tf.constant([1.0 + n, 2.0, -0.5 * n]),)
