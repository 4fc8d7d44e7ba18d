"""a Keras model with nested blocks"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a Keras model with nested blocks"
TARGETS = ["call"]


class Block(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.fc = tf.keras.layers.Dense(units)
        self.norm = tf.keras.layers.LayerNormalization()

    def call(self, x):
        return x + tf.nn.relu(self.norm(self.fc(x)))


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Block(3) for _ in range(3)]
        self.head = tf.keras.layers.Dense(2)

    def call(self, x, training=False):
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def make():
    tf.keras.utils.set_random_seed(0)
    net = Net()
    return net


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
