"""hybrid trainable toggle"""

import tensorflow as tf

EXPECT = "flag"
REASON = "hybrid trainable toggle"
TARGETS = ["f"]


v = tf.Variable(2.0)
class O:
    frozen = False
o = O()
@tf.function
def f(x):
    if not o.frozen:
        v.assign_add(1.0)
    return tf.sin(x) * v
def make():
    def run(x):
        y = f(x)
        o.frozen = True
        return y
    return run


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
