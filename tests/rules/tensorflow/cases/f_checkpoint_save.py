"""checkpoint save"""

import tempfile
import tensorflow as tf

EXPECT = "flag"
REASON = "checkpoint save"
TARGETS = ["f"]


v = tf.Variable(1.0)
ck = tf.train.Checkpoint(v=v)
d = tempfile.mkdtemp()
def f(x):
    v.assign_add(tf.reduce_sum(x))
    ck.save(d + "/ck")
    return tf.nn.relu(x) * v


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
