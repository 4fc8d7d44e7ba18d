"""vae sample"""

import tensorflow as tf

EXPECT = "convert"
REASON = "vae sample"
TARGETS = ["f"]


gen = tf.random.Generator.from_seed(1)
def f(x):
    mean, logvar = tf.split(tf.concat([x, x * 0.1], axis=1), 2, axis=1)
    eps = gen.normal(tf.shape(mean))
    return mean + eps * tf.exp(0.5 * logvar)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
