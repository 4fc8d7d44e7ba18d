"""a gated cell in a Python loop over unstacked steps"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a gated cell in a Python loop over unstacked steps"
TARGETS = ["run"]


rng = tf.random.Generator.from_seed(5)
Wz = tf.Variable(rng.normal((7, 4)))
Wh = tf.Variable(rng.normal((7, 4)))


def cell(x, h):
    xh = tf.concat([x, h], axis=-1)
    z = tf.sigmoid(tf.matmul(xh, Wz))
    c = tf.tanh(tf.matmul(xh, Wh))
    return (1.0 - z) * h + z * c


def run(xs):
    h = tf.zeros((2, 4))
    outputs = []
    for x in tf.unstack(xs, num=5, axis=1):
        h = cell(x, h)
        outputs.append(h)
    return tf.stack(outputs, axis=1)


def make():
    return run


def inputs(n):
    return (tf.reshape(tf.range(30, dtype=tf.float32), (2, 5, 3)) / 10.0 + n,)
