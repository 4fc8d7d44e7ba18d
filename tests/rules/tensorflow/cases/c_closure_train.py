"""closure train"""

import tensorflow as tf

EXPECT = "convert"
REASON = "closure train"
TARGETS = ["f"]


def make():
    w = tf.Variable([1.0, 2.0, 3.0])
    opt = tf.keras.optimizers.Adam(0.1)
    def step(x):
        with tf.GradientTape() as t:
            loss = tf.reduce_mean(tf.square(tf.sin(x) * w))
        opt.apply_gradients([(t.gradient(loss, w), w)])
        return loss
    return step


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
