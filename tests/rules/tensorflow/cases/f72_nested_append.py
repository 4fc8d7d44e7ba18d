"""An append in a loop in a loop."""

import tensorflow as tf

EXPECT = "flag"
REASON = "an append in a loop in a loop"
TARGETS = ["f"]


def f(x):
    out = []
    for i in tf.range(2):
        for v in x:
            out.append(tf.square(v) * tf.cast(i, tf.float32))
    return tf.add_n(out)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
