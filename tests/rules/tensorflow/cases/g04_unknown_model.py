"""`predict` of what may be a Keras model can't run in a graph."""

import tensorflow as tf
from classifiers import build

EXPECT = "flag"

model = build(3)


def labels(images):
    predicted = model.predict(images)
    return tf.argmax(tf.nn.softmax(tf.concat(predicted, axis=0)) * 2.0 + 1.0, axis=1)


def ratio(x):
    print("ratio", x)
    return tf.nn.softmax(x) * 2.0


found = labels(tf.ones((2, 3)))
part = ratio(tf.ones((2, 3)))
