"""iou"""

import tensorflow as tf

EXPECT = "convert"
REASON = "iou"
TARGETS = ["f"]


def f(a, b):
    lt = tf.maximum(a[:, None, :2], b[None, :, :2])
    rb = tf.minimum(a[:, None, 2:], b[None, :, 2:])
    wh = tf.maximum(rb - lt, 0.0)
    inter = wh[..., 0] * wh[..., 1]
    aa = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    bb = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    return inter / (aa[:, None] + bb[None] - inter)
def inputs(n):
    return (tf.constant([[0.0, 0.0, 2.0 + n, 2.0]]), tf.constant([[1.0, 1.0, 3.0, 3.0]]))


def make():
    return f
