"""contextvar"""

import contextvars
import tensorflow as tf

EXPECT = "flag"
REASON = "contextvar"
TARGETS = ["f"]


k = contextvars.ContextVar("k", default=1.0)
def f(x):
    return tf.sin(x) * k.get() + tf.cos(x) - tf.square(x)
def inputs(n):
    k.set(float(n))
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)


def make():
    return f
