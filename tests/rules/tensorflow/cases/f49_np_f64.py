"""Float64 beside float32."""

import numpy as np
import tensorflow as tf

EXPECT = "flag"
REASON = "float64 beside float32"
TARGETS = ["f"]


V = tf.Variable([1.0, 2.0])


def f(x):
    return tf.nn.relu(V) * x


def inputs(n):
    return (np.array([1.0, 2.0 + n]),)


def make():
    return f
