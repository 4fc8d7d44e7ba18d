"""lr assign"""

import tensorflow as tf

EXPECT = "flag"
REASON = "lr assign"
TARGETS = ["train_step"]


net = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
class Opt:
    lr = 0.1
o = Opt()
def train_step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x)))
    for g, v in zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables):
        v.assign_sub(o.lr * g)
    return loss
def make():
    def run(x):
        o.lr = o.lr * 0.5
        return train_step(x)
    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
