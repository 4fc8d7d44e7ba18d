"""A training step that is a method."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a training step that is a method"
TARGETS = ["step"]


class Trainer:
    def __init__(self):
        self.model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        self.opt = tf.keras.optimizers.SGD(0.1)
        self.metric = tf.keras.metrics.Mean()

    def step(self, x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.model(x) ** 2)
        g = tape.gradient(loss, self.model.trainable_variables)
        self.opt.apply_gradients(zip(g, self.model.trainable_variables))
        self.metric.update_state(loss)
        return loss


def make():
    t = Trainer()

    def run(x):
        return t.step(x)

    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
