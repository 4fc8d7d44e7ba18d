"""embed lookup"""

import tensorflow as tf

EXPECT = "convert"
REASON = "embed lookup"
TARGETS = ["f"]


E = tf.Variable(tf.random.stateless_normal([10, 4], seed=[5, 6]))
def f(ids):
    e = tf.nn.embedding_lookup(E, ids)
    mask = tf.cast(tf.not_equal(ids, 0), tf.float32)[..., None]
    return tf.reduce_sum(e * mask, axis=1) / (tf.reduce_sum(mask, axis=1) + 1e-6)
def inputs(n):
    return (tf.constant([[1, 2, 0], [n % 10, 3, 4]]),)


def make():
    return f
