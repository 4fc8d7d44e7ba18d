"""What tf.custom_gradient decorates returns a function: the decorator goes above."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a custom gradient returns a function"
TARGETS = ["clipped"]


@tf.custom_gradient
def clipped(x):
    y = tf.nn.relu(x) * 2.0 + tf.exp(x)

    def backward(dy):
        return tf.clip_by_norm(dy * 3.0, 0.5)

    return y, backward


def make():
    def both(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = clipped(x)
        return y, tape.gradient(y, x)

    return both


def inputs(n):
    return (tf.reshape(tf.range(6.0), (2, 3)) - float(n),)


clipped(tf.ones((2, 3)))
