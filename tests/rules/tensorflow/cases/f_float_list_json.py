"""float list json"""

import json
import tensorflow as tf

EXPECT = "flag"
REASON = "float list json"
TARGETS = ["f"]


def f(x):
    y = tf.nn.relu(x) * tf.sin(x)
    return {"loss": float(tf.reduce_sum(y)), "acc": float(tf.reduce_mean(y))}
def make():
    return lambda x: json.dumps(f(x))


def inputs(n):
    return (tf.constant([[1.0 + n, -2.0, 3.0], [0.5, 1.5 * n, -1.0]]),)
