"""A training step with Adam on a model that is built late."""

import tensorflow as tf

EXPECT = "convert"
REASON = "a training step with Adam on a model that is built late"
TARGETS = ["train_step"]


def make():
    model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dense(1)])
    opt = tf.keras.optimizers.Adam(0.01)
    loss_fn = tf.keras.losses.MeanSquaredError()

    def train_step(x):
        y = tf.reduce_sum(x, axis=1, keepdims=True)
        with tf.GradientTape() as tape:
            pred = model(x, training=True)
            loss = loss_fn(y, pred)
        grads = tape.gradient(loss, model.trainable_variables)
        opt.apply_gradients(zip(grads, model.trainable_variables))
        return loss

    return train_step


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
