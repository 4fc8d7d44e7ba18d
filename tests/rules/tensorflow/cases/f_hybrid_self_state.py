"""hybrid self state"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid self state"
TARGETS = ["step"]


class M:
    def __init__(self):
        self.n = 0
        self.last = None
    @tf.function
    def step(self, x):
        self.n += 1
        self.last = tf.reduce_sum(x)
        return tf.nn.relu(x) * 2.0
m = M()
def make():
    return m.step
def state():
    return [m.n]


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
