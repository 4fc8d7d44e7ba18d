"""opt lr set"""

import tensorflow as tf

EXPECT = "convert"
REASON = "opt lr set"
TARGETS = ["train_step"]


net = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
opt = tf.keras.optimizers.SGD(0.1)
def train_step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x)))
    opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    return loss
def make():
    def run(x):
        opt.learning_rate = opt.learning_rate * 0.5
        return train_step(x)
    return run
def state():
    return [w.numpy() for w in net.weights]


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
