"""hybrid method wrap"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid method wrap"
TARGETS = ["f"]


class M:
    def __init__(self):
        self.k = 1.0
    def step(self, x):
        return tf.sin(x) * self.k
m = M()
step = tf.function(m.step)
def make():
    def run(x):
        m.k += 1.0
        return step(x)
    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
