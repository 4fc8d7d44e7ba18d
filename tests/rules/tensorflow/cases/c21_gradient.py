"""a gradient inside of the function"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a gradient inside of the function"
TARGETS = ["slope"]


def energy(x):
    return tf.reduce_sum(tf.sin(x) * tf.exp(-x * x))


def slope(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = energy(x)
    return tape.gradient(value, x)


def make():
    return slope


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
