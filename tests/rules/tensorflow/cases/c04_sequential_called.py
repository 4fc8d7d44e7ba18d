"""a Sequential model that is only called"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a Sequential model that is only called"
TARGETS = ["net", "f"]


def get_net():
    net = tf.keras.Sequential()
    net.add(tf.keras.Input(shape=(3,)))
    net.add(tf.keras.layers.Dense(8, activation="tanh"))
    net.add(tf.keras.layers.Dense(2))
    return net


def make():
    tf.keras.utils.set_random_seed(3)
    net = get_net()

    def f(x):
        return tf.nn.softmax(net(x))

    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
