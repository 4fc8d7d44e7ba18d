"""Two lists that one loop fills."""

import tensorflow as tf

EXPECT = "convert"
REASON = "two lists that one loop fills"
TARGETS = ["f"]


def f(x):
    h = tf.boolean_mask(x, x > -100.0)
    s = h[0]
    a = []
    b = []
    for row in h:
        a.append(row * 2.0 + s)
        b.append(tf.cast(row, tf.int32))
    return tf.stack(a) + tf.cast(tf.stack(b), tf.float32)


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
