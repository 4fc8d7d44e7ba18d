"""hybrid lambda wrap"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid lambda wrap"
TARGETS = ["f"]


k = 1.0
f = tf.function(lambda x: tf.sin(x) * k)
def inputs(n):
    global k
    k = float(n)
    return (tf.constant([[1.0 + n, -2.0, 3.0]]),)


def make():
    return f
