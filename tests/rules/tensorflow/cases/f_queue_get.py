"""queue get"""

import queue
import tensorflow as tf

EXPECT = "flag"
REASON = "queue get"
TARGETS = ["f"]


q = queue.Queue()
for i in range(200_000):
    q.put(float(i))
def f(x):
    return tf.sin(x) * q.get() + tf.cos(x)


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
