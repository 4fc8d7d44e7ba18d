"""grad clip accum"""

import tensorflow as tf

EXPECT = "convert"
REASON = "grad clip accum"
TARGETS = ["train_step"]


net = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dense(1)])
opt = tf.keras.optimizers.Adam(0.01)
def train_step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x)))
    grads = tape.gradient(loss, net.trainable_variables)
    grads, norm = tf.clip_by_global_norm(grads, 1.0)
    opt.apply_gradients([(g, v) for g, v in zip(grads, net.trainable_variables)])
    return loss, norm
def make():
    return train_step
def state():
    return [w.numpy() for w in net.weights]


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
