"""an attribute that is switched between calls"""

import tensorflow as tf

EXPECT = "flag"
REASON = "an attribute that is switched between calls"
TARGETS = ["forward"]


class Net:
    def __init__(self):
        self.w = tf.Variable(tf.eye(3))
        self.double = False

    def forward(self, x):
        y = tf.matmul(x, self.w)
        return y * 2.0 if self.double else tf.nn.relu(y)

    def __call__(self, x):
        self.double = not self.double
        return self.forward(x)


def make():
    return Net()


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
