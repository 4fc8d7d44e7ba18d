"""A compiled ``call`` learns of the training mode: the same in training and out of it, run on TensorFlow."""

from __future__ import annotations

import sys

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source
from transpile_hybrid.verify import VerifyOptions, verify_texts

TEXT = """
import tensorflow as tf


class Drop(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.drop = tf.keras.layers.Dropout(0.5)

    def call(self, x, **kwargs):
        return self.drop(x * 2 + 1, **kwargs)


class Norm(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.norm = tf.keras.layers.BatchNormalization()
        self.norm.build((None, 4))

    def call(self, x, scale=2.0):
        return self.norm(x * scale + 1)


class Plain(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.act = tf.keras.layers.ReLU()

    def call(self, x):
        return self.act(x * 2 - 1)


def example_inputs(seed=0):
    return tf.random.stateless_normal((3, 4), seed=(seed, 1))


if __name__ == "__main__":
    for net in (Drop(), Norm(), Plain()):
        print(net(example_inputs()))
"""


def test_both_modes_are_kept() -> None:
    (report,) = rewrite([Source("case.py", TEXT)], ["tf.function"])
    assert report.result is not None, report.internal or report.error
    after = report.result.after.text
    assert after.count("@tf.function") == 3
    assert "def call(self, x, training=None, **kwargs):" in after
    assert "def call(self, x, scale=2.0, training=None):" in after
    assert "def call(self, x):" in after, "nothing in it minds the mode"
    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0)
    verdicts = {v.unit: v for v in verify_texts(TEXT, after, path="case.py", options=options)}
    assert {name: v.equivalent for name, v in verdicts.items()} == {"Drop": True, "Norm": True, "Plain": True}, verdicts


def test_without_the_parameter_the_mode_is_kept_for_good() -> None:
    decorated = TEXT.replace("    def call", "    @tf.function\n    def call")
    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0)
    verdicts = {v.unit: v.equivalent for v in verify_texts(TEXT, decorated, path="case.py", options=options)}
    assert verdicts == {"Drop": False, "Norm": False, "Plain": True}
