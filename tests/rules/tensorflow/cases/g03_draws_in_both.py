"""First weights are drawn by a method that a tf.function calls, and that is called eagerly as well."""

import tensorflow as tf

EXPECT = "flag"
REASON = "draws out of a graph and eagerly"
TARGETS = ["__call__"]


class Regression(tf.Module):
    def __init__(self):
        self.made = False

    def __call__(self, x):
        if not self.made:
            self.w = tf.Variable(tf.random.uniform([x.shape[-1], 1], seed=22))
            self.made = True
        return tf.sigmoid(tf.matmul(x, self.w)) * 2.0 - tf.reduce_mean(x) + tf.exp(-tf.square(x))


class Export(tf.Module):
    def __init__(self, model):
        self.model = model

    @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32)])
    def __call__(self, x):
        return self.model(x)


regression = Regression()
first = regression(tf.ones((2, 3)))
exported = Export(regression)(tf.ones((2, 3)))


def make():
    return Regression()


def inputs(n):
    return (tf.reshape(tf.range(6.0), (2, 3)) - float(n),)
