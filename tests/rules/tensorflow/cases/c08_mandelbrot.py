"""a fixed Python loop of element-wise ops"""

import tensorflow as tf

EXPECT = "convert"
REASON = "a fixed Python loop of element-wise ops"
TARGETS = ["escape"]


STEPS = 20


def escape(re, im):
    zr, zi = tf.zeros_like(re), tf.zeros_like(im)
    count = tf.zeros_like(re)
    for _ in range(STEPS):
        zr, zi = zr * zr - zi * zi + re, 2.0 * zr * zi + im
        count = count + tf.where(zr * zr + zi * zi < 4.0, 1.0, 0.0)
        zr = tf.clip_by_value(zr, -10.0, 10.0)
        zi = tf.clip_by_value(zi, -10.0, 10.0)
    return count


def make():
    return escape


def inputs(n):
    return (tf.linspace(-2.0, 0.5 + 0.1 * n, 9), tf.linspace(-1.0, 1.0, 9))
