"""What looks like a case of a rewrite and would change a result, or fail, is left as it is."""

from __future__ import annotations

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

NET = """
import json

import numpy as np
import tensorflow as tf
from tensorflow import keras


class Pyramid(keras.Model):
    def __init__(self):
        super().__init__()
        self.down = keras.layers.Dense(3)

    def call(self, x):
        return x, [x, self.down(x)]


class Trainer:
    def __init__(self, model):
        self.model = model


TRAINER = Trainer(Pyramid())
"""


def rewritten(text: str) -> str:
    (report,) = rewrite([Source("case.py", text)], ["tf.function"])
    assert report.result is not None, report.internal or report.error
    return report.result.after.text


def test_what_a_model_returns_is_known_once_its_call_is_wrapped() -> None:
    program = """

def energy(levels):
    return np.array([np.abs(level - 1).mean() for level in levels])


_, levels = TRAINER.model(tf.ones((1, 8, 2)))
print(energy(levels))
"""
    after = rewritten(NET + program)
    assert "super().__call__(*args, **kwargs)" in after, "the model itself is compiled"
    assert after.endswith(program), "a list of tensors of several shapes: it can't be stacked or unstacked"


def test_numbers_that_python_code_takes_stay_numbers() -> None:
    program = """

def report(levels):
    out = []
    for level in levels:
        out.append(float(tf.reduce_mean(level)))
    return {end}


_, levels = TRAINER.model(tf.ones((1, 8, 2)))
print(report(levels))
"""
    for end in ("json.dumps(out)", "np.array(out)", "out", "sum(out)"):
        text = program.replace("{end}", end)
        assert rewritten(NET + text).endswith(text), end


MASKED = """
import tensorflow as tf


class Encoder(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.lstm = tf.keras.layers.LSTM(4)
{build}
    def call(self, x):
        return tf.nn.relu(self.lstm(x) * 2)


embedding = tf.keras.layers.Embedding(10, 3, mask_zero=MASK)
enc = Encoder()
print(enc(embedding(tf.constant([[1, 2, 0, 0]]))))
"""
BUILD = "\n    def build(self, input_shape):\n        self.lstm.build(input_shape)\n"


def test_what_is_given_masked_tensors_stays_eager() -> None:
    # a mask hangs on the eager tensor: the graph's own have none
    for build in ("", BUILD):
        masked = MASKED.replace("{build}", build).replace("MASK", "True")
        assert rewritten(masked) == masked
        assert "tf.function" in rewritten(masked.replace("mask_zero=True", "mask_zero=False"))
