"""an append in a loop over a tensor"""

import tensorflow as tf

EXPECT = "convert"
REASON = "an append in a loop over a tensor"
TARGETS = ["f"]


def f(x: tf.Tensor) -> tf.Tensor:
    out = []
    for row in x:
        out.append(tf.reduce_sum(row) * 2.0)
    return tf.stack(out)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
