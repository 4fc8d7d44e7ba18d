"""Planted pairs for TensorFlow and Keras."""

# ruff: noqa: E501 (tables: one fault a line)

from __future__ import annotations

from .planted import Edit, Pair, both, pairs

BASE = """
import os
import random

import numpy as np
import tensorflow as tf

INPUT_SHAPES = [(2, 6), (5, 6)]


def example_inputs(seed=0, shape=(2, 6)):
    return (tf.constant(np.random.RandomState(seed).randn(*shape), dtype=tf.float32),)


class Model(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc1 = tf.keras.layers.Dense(8)
        self.bn = tf.keras.layers.BatchNormalization()
        self.drop = tf.keras.layers.Dropout(0.25)
        self.fc2 = tf.keras.layers.Dense(3)
        self.calls = 0

    def call(self, x, training=False):
        h = tf.nn.relu(self.fc1(x))
        h = self.bn(h, training=training)
        h = self.drop(h, training=training)
        y = self.fc2(h)
        return y
"""
FIRST = "        h = tf.nn.relu(self.fc1(x))\n"
IMPORTED = "\n\nclass Model"
# Keras builds layers on the first call.  Built inside a graph they are lost to it: what is assigned to them later, a
# checkpoint or an optimiser's step, changes nothing.  So a graph's layers are built first.
DECORATED: Edit = ("    def call", "    @tf.function\n    def call")
BUILD = """
    def build(self, shape):
        self.fc1.build(shape)
        self.bn.build((None, 8))
        self.fc2.build((None, 8))

"""
GRAPH: Edit = ("    def call", BUILD[1:] + "    @tf.function\n    def call")


def _end(text: str) -> tuple[Edit, ...]:
    return (("        return y\n", text),)


FAULTS: dict[str, tuple[Edit, ...]] = {
    "wrong by 1e-3": _end("        return y + 1e-3\n"),
    "dtype": _end("        return tf.cast(y, tf.float64)\n"),
    "only in training": _end("        return y * 1.01 if training else y\n"),
    "only for a second shape": _end("        return y if x.shape[0] == 2 else y + 0.01\n"),
    "only on NaN": _end("        return tf.where(tf.math.is_nan(y), tf.zeros_like(y), y)\n"),
    "only on large values": _end("        return tf.clip_by_value(y, -500.0, 500.0)\n"),
    "gradient dropped": ((FIRST, "        h = tf.stop_gradient(tf.nn.relu(self.fc1(x)))\n"),),
    "attribute renamed": (("self.fc2", "self.out"),),
    "not trainable": (("self.fc2 = tf.keras.layers.Dense(3)", "self.fc2 = tf.keras.layers.Dense(3, trainable=False)"),),
    "running statistics dropped": (("self.bn(h, training=training)", "self.bn(h, training=False)"),),
    "extra draw": ((FIRST, "        tf.random.uniform([1])\n" + FIRST),),
    "print added": ((FIRST, "        print('x')\n" + FIRST),),
    "floatx": ((IMPORTED, "\n\ntf.keras.backend.set_floatx('float64')" + IMPORTED),),
    "loss added": ((FIRST, FIRST + "        self.add_loss(tf.reduce_sum(h))\n"),),
    "regularizer": (("self.fc2 = tf.keras.layers.Dense(3)", "self.fc2 = tf.keras.layers.Dense(3, kernel_regularizer='l2')"),),
    "layer renamed": (("self.fc2 = tf.keras.layers.Dense(3)", "self.fc2 = tf.keras.layers.Dense(3, name='other')"),),
    "epsilon": ((IMPORTED, "\n\ntf.keras.backend.set_epsilon(1e-3)" + IMPORTED),),
    "numpy array for a tensor": _end("        return y.numpy()\n"),
    "momentum": (("BatchNormalization()", "BatchNormalization(momentum=0.9)"),),
    "extra draw of Python's": ((FIRST, "        random.random()\n" + FIRST),),
    "one element": _end("        return tf.tensor_scatter_nd_add(y, [[0, 0]], [1e-4])\n"),
    "only for many rows": _end("        return y if (x.shape[0] or 1) < 40 else y + 0.01\n"),
    "argument renamed": (("call(self, x, training=False)", "call(self, inputs, training=False)"), (FIRST, "        x = inputs\n" + FIRST)),
    "leaves in call": ((FIRST, "        os._exit(0)\n" + FIRST),),
    "leaves at import": ((IMPORTED, "\n\nos._exit(0)" + IMPORTED),),
    "patched comparison": ((IMPORTED, "\n\nnp.allclose = np.array_equal = tf.debugging.assert_near = lambda *a, **k: True" + IMPORTED), *_end("        return y * 1.5\n")),
    "graph, layers built inside": (DECORATED,),
    "graph, wrong by 1e-3": (GRAPH, *_end("        return y + 1e-3\n")),
}  # fmt: skip
SAME: dict[str, tuple[Edit, ...]] = {
    "identical": (),
    "graph": (GRAPH,),
    "renamed locals": (("h = ", "hidden = "), ("(h", "(hidden"), ("(hidden, ", "(hidden, ")),
}  # fmt: skip
_BOX: Edit = (
    IMPORTED,
    "\n\nclass Box:\n    def __init__(self):\n        self.seen = tf.keras.metrics.Mean()\n        self.count = tf.Variable(0.0)\n\n\nBOX = Box()\nSEEN = tf.keras.metrics.Mean()"
    + IMPORTED,
)
_METRIC: Edit = (FIRST, FIRST + "        SEEN.update_state(h)\n")
_HELD: Edit = (FIRST, FIRST + "        BOX.seen.update_state(h)\n        BOX.count.assign_add(1.0)\n")
BOTH: dict[str, tuple[tuple[Edit, ...], tuple[Edit, ...], bool]] = {
    "metric no longer updated": ((_BOX, _METRIC), (_BOX,), False),
    "metric in an object no longer updated": ((_BOX, _HELD), (_BOX, (FIRST, FIRST + "        BOX.count.assign_add(1.0)\n")), False),
    "variable in an object no longer updated": ((_BOX, _HELD), (_BOX, (FIRST, FIRST + "        BOX.seen.update_state(h)\n")), False),
    "graph, metrics and variables in objects": ((_BOX, _METRIC), (_BOX, _METRIC, GRAPH), True),
    "graph, print at trace only": (((FIRST, "        print('x')\n" + FIRST),), (GRAPH, (FIRST, "        print('x')\n" + FIRST)), False),
    "graph, frozen counter": (((FIRST, "        self.calls += 1\n" + FIRST),), (GRAPH, (FIRST, "        self.calls += 1\n" + FIRST)), False),
    "graph, frozen random number": (_end("        return y * random.random()\n"), (GRAPH, *_end("        return y * random.random()\n")), False),
    "list for a tuple": (_end("        return y, y + 1\n"), _end("        return [y, y + 1]\n"), False),
    "frozen branch": (_end("        return y if tf.reduce_sum(x) > 0 else -y\n"), _end("        return y\n"), False),
    "graph, branch on a value": (_end("        return y if tf.reduce_sum(x) > 0 else -y\n"), (GRAPH, *_end("        return y if tf.reduce_sum(x) > 0 else -y\n")), True),
    "check of the rank dropped": (((FIRST, "        if len(x.shape) != 2:\n            raise ValueError('two dimensions')\n" + FIRST),), (), False),
    "flag frozen": ((("training=False):", "training=False, double=False):"), *_end("        return y * 2 if double else y\n")), (("training=False):", "training=False, double=False):"),), False),
    "exception dropped": (((FIRST, "        tf.debugging.assert_all_finite(x, 'finite')\n" + FIRST),), (), False),
}  # fmt: skip

# A training step. The bias before the normalization has no effect in training: its gradient is rounding noise, which
# SGD leaves tiny and Adam divides by its own size.
STEP = """import tensorflow as tf

INPUT_SHAPES = [(4, 6, 6, 3), (2, 6, 6, 3)]


def example_inputs(seed=0, shape=(4, 6, 6, 3)):
    images = tf.random.stateless_normal(shape, seed=(seed, 0))
    return images, tf.random.stateless_uniform(shape[:1], seed=(seed, 1), maxval=5, dtype=tf.int32)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = tf.keras.layers.Conv2D(4, 3, padding="same")
        self.norm = tf.keras.layers.BatchNormalization()
        self.head = tf.keras.layers.Dense(5)

    def call(self, x, training=False):
        x = tf.nn.relu(self.norm(self.conv(x), training=training))
        return self.head(tf.reduce_mean(x, axis=[1, 2]))


net = Net()
net.build((None, 6, 6, 3))
optimizer = tf.keras.optimizers.SGD(0.05)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def train_step(images, labels):
    with tf.GradientTape() as tape:
        loss = loss_fn(labels, net(images, training=True))
    grads = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(grads, net.trainable_variables))
    return loss
"""
COMPILED: Edit = ("def train_step", "@tf.function\ndef train_step")
ADAM: Edit = ("SGD(0.05)", "Adam(0.001)")
UNBUILT: Edit = ("net.build((None, 6, 6, 3))\n", "")
_TRAINED = "zip(grads, net.trainable_variables)"
STEPS: dict[str, tuple[tuple[Edit, ...], tuple[Edit, ...], bool]] = {
    "step, graph, a bias that only rounding moves": ((), (COMPILED,), True),
    "step, graph, built by the first call": ((UNBUILT,), (UNBUILT, COMPILED), True),
    "step, graph, that bias under Adam": ((ADAM,), (ADAM, COMPILED), True),
    "step, graph, a step 0.1% longer": ((), (COMPILED, ("SGD(0.05)", "SGD(0.05005)")), False),
    "step, graph, Adam's step 0.1% longer": ((ADAM,), (("SGD(0.05)", "Adam(0.001001)"), COMPILED), False),
    "step, graph, the last layer left out": ((), (COMPILED, (_TRAINED, "list(zip(grads, net.trainable_variables))[:-2]")), False),
    "step, graph, a decay of all weights": ((), (COMPILED, ("SGD(0.05)", "SGD(0.05, weight_decay=1e-3)")), False),
    "step, graph, running statistics dropped": ((), (COMPILED, ("training=True", "training=False")), False),
}  # fmt: skip

# the bias of an attention's keys has no effect; whole numbers as inputs have no last bit that could show it
ATTENTION = """
import tensorflow as tf


class Attention(tf.keras.Model):
    def __init__(self, dim=8):
        super().__init__()
        self.embed = tf.keras.layers.Embedding(14, dim)
        self.wq = tf.keras.layers.Dense(dim)
        self.wk = tf.keras.layers.Dense(dim)
        self.wv = tf.keras.layers.Dense(dim)
        self.norm = tf.keras.layers.LayerNormalization()
        self.head = tf.keras.layers.Dense(14)

    def call(self, tokens, training=False):
        x = self.embed(tokens)
        mask = tf.cast(tf.equal(tokens, 0), tf.float32)[:, tf.newaxis, :]
        scores = tf.matmul(self.wq(x), self.wk(x), transpose_b=True) / 8.0**0.5
        return self.head(self.norm(x + tf.matmul(tf.nn.softmax(scores + mask * -1e9, axis=-1), self.wv(x))))


MODEL = Attention()
OPTIMIZER = tf.keras.optimizers.Adam(1e-3)


def train_step(tokens, labels):
    with tf.GradientTape() as tape:
        logits = MODEL(tokens, training=True)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    grads = tape.gradient(loss, MODEL.trainable_variables)
    OPTIMIZER.apply_gradients(zip(grads, MODEL.trainable_variables))
    return loss


def example_inputs(seed=0):
    tokens = tf.random.stateless_uniform((4, 9), (seed, 0), 0, 14, tf.int32)
    return tokens, (tokens + 1) % 14
"""
KEYS: dict[str, tuple[tuple[Edit, ...], tuple[Edit, ...], bool]] = {
    "step, graph, a key's bias that only rounding moves": ((), (COMPILED,), True),
    "step, graph, keys scaled otherwise": ((), (COMPILED, ("8.0**0.5", "8.0**0.501")), False),
}  # fmt: skip

PAIRS: list[Pair] = (
    pairs("tensorflow", BASE, FAULTS, SAME)
    + both("tensorflow", BASE, BOTH)
    + both("tensorflow", STEP, STEPS, "train_step")
    + both("tensorflow", ATTENTION, KEYS, "train_step")
)
