"""nms len"""

import tensorflow as tf

EXPECT = "flag"
REASON = "nms len"
TARGETS = ["f"]


def f(x):
    boxes = tf.concat([x[:, :2], x[:, :2] + 1.0], axis=1)
    keep = tf.image.non_max_suppression(boxes, x[:, 2], 10)
    return tf.reduce_sum(tf.gather(boxes, keep)) / float(keep.shape[0])


def make():
    return f


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
