"""method inherit"""

import tensorflow as tf

EXPECT = "convert"
REASON = "method inherit"
TARGETS = ["step"]


class Base:
    def __init__(self):
        self.w = tf.Variable([1.0, 2.0, 3.0])
    def loss(self, x):
        return tf.reduce_mean(tf.square(x * self.w))
class Sub(Base):
    def step(self, x):
        with tf.GradientTape() as t:
            loss = self.loss(x)
        g = t.gradient(loss, self.w)
        self.w.assign_sub(0.1 * g)
        return loss
s = Sub()
def make():
    return s.step
def state():
    return [s.w.numpy()]


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
