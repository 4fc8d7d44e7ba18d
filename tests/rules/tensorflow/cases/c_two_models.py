"""two models"""

import tensorflow as tf

EXPECT = "convert"
REASON = "two models"
TARGETS = ["gen_step"]


g = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(3)])
d = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
og = tf.keras.optimizers.Adam(0.01)
od = tf.keras.optimizers.Adam(0.01)
bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)
def gan_step(x):
    with tf.GradientTape() as t1, tf.GradientTape() as t2:
        fake = g(x, training=True)
        real_out = d(x, training=True)
        fake_out = d(fake, training=True)
        gl = bce(tf.ones_like(fake_out), fake_out)
        dl = bce(tf.ones_like(real_out), real_out) + bce(tf.zeros_like(fake_out), fake_out)
    og.apply_gradients(zip(t1.gradient(gl, g.trainable_variables), g.trainable_variables))
    od.apply_gradients(zip(t2.gradient(dl, d.trainable_variables), d.trainable_variables))
    return gl, dl
def make():
    return gan_step


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
