"""the list that is given is changed"""

import tensorflow as tf

EXPECT = "flag"
REASON = "the list that is given is changed"
TARGETS = ["f"]


def f(parts):
    parts.append(tf.reduce_sum(parts[0]))
    return tf.add_n(parts)


def make():
    return f


def inputs(n):
    return ([tf.constant(1.0 + n), tf.constant(2.0)],)
