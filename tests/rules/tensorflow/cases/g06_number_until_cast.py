"""A number that is tested first and cast behind, and lists told from tensors by their type."""

import tensorflow as tf

EXPECT = "convert"
REASON = "what a name is depends on where it is read"
TARGETS = ["f"]


def padded(size, stride):
    if isinstance(size, list) or isinstance(size, tuple):
        return [int(side / stride) * stride for side in size]
    return tf.cast(tf.math.ceil(tf.cast(size, tf.float32) / stride) * stride, tf.int32)


def f(x, gamma=2.0, axes=None):
    if gamma and gamma < 0:
        raise ValueError("gamma must not be negative")
    if axes is None:
        axes = [-1]
    axes = list(axes)
    if axes[0] < 0:
        axes[0] += len(x.shape)
    gamma = tf.cast(gamma, x.dtype)
    sides = padded([5, 6], 2)
    total = tf.reduce_sum(tf.nn.relu(1.0 - x) ** gamma * tf.math.log1p(tf.abs(x)), axis=axes)
    return total * sides[0] + tf.cast(padded(tf.shape(x), 2)[0], tf.float32) + sides[1]


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 0.5 * n], [0.1, 0.2, -0.3 * n]]),)
