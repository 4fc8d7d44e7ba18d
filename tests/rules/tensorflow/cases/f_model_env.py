"""model env"""

import os
import tensorflow as tf

EXPECT = "flag"
REASON = "model env"
TARGETS = ["train_step"]


os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.d = keras.layers.Dense(1)
        self.seen = 0
    def call(self, x):
        return self.d(x)
    def train_step(self, data):
        x, y = data
        self.seen += 1
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(y - self(x, training=True)))
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        return {"loss": loss}
net = Net()
net.compile(optimizer="sgd")
def make():
    def run(x):
        h = net.fit(x, tf.reduce_sum(x, axis=1, keepdims=True), epochs=2, verbose=0)
        return h.history["loss"][-1]
    return run
def state():
    return [net.seen > 2]


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
