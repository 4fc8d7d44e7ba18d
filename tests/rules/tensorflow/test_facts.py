"""What the rules hold to be so of TensorFlow, asked of TensorFlow itself."""

from __future__ import annotations

import json
import subprocess
import sys

from transpile_hybrid.rules.tensorflow import _tables as tables

PROGRAM = """
import functools, json, os, warnings

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
import numpy as np
import tensorflow as tf

x = tf.reshape(tf.range(16.0), (1, 4, 4, 1))
square = tf.constant([[2.0, 1.0], [1.0, 3.0]])
record = tf.train.Example().SerializeToString()
features = {"a": tf.io.FixedLenFeature([], tf.int64, 0)}
text = tf.constant("ab")


def in_graph(function, *rest):  # there is no kernel for it here
    with tf.Graph().as_default():
        return function(tf.ones((2, 2)), *rest)


GIVEN = {
    "unstack": lambda f: f(square), "split": lambda f: f(square, 2), "meshgrid": lambda f: f([1, 2], [1, 2]),
    "nn.moments": lambda f: f(x, [0]), "unique": lambda f: f([1, 1]), "linalg.eigh": lambda f: f(square),
    "linalg.svd": lambda f: f(square), "linalg.slogdet": lambda f: f(square), "linalg.lu": lambda f: f(square),
    "linalg.eig": lambda f: f(square), "linalg.qr": lambda f: f(square), "math.top_k": lambda f: f(square),
    "nn.top_k": lambda f: f(square), "dynamic_partition": lambda f: f([1, 2], [0, 1], 2),
    "nn.weighted_moments": lambda f: f(x, [0], x), "eigh": lambda f: f(square),
    "unique_with_counts": lambda f: f([1, 1]), "approx_top_k": lambda f: f(square, 1),
    "sparse.split": lambda f: f(tf.sparse.from_dense(square), 2, 0),
    "audio.decode_wav": lambda f: f(tf.audio.encode_wav([[0.5]], 8)), "identity_n": lambda f: f([square]),
    "io.decode_csv": lambda f: f("1,2", [0, 0]), "shape_n": lambda f: f([square]),
    "image.sample_distorted_bounding_box": lambda f: f([4, 4, 3], [[[0.0, 0.0, 1.0, 1.0]]]),
    "image.stateless_sample_distorted_bounding_box": lambda f: f([4, 4, 3], [[[0.0, 0.0, 1.0, 1.0]]], (1, 2)),
    "math.approx_max_k": lambda f: f(square, 1), "math.approx_min_k": lambda f: in_graph(f, 1),
    "nn.collapse_repeated": lambda f: f([[1, 1]], [2]), "nn.ctc_unique_labels": lambda f: f([[1, 1]]),
    "nn.fractional_avg_pool": lambda f: f(x, [1.0, 2.0, 2.0, 1.0]),
    "nn.fractional_max_pool": lambda f: f(x, [1.0, 2.0, 2.0, 1.0]),
    "nn.max_pool_with_argmax": lambda f: f(x, 2, 2, "SAME"),
    "nn.normalize_moments": lambda f: f(2.0, 1.0, 1.0, None),
    "quantization.quantize": lambda f: f(square, 0, 1, tf.qint8),
    "required_space_to_batch_paddings": lambda f: f([4], [2]),
    "strings.unicode_decode_with_offsets": lambda f: f(text, "UTF-8"),
    "strings.unicode_split_with_offsets": lambda f: f(text, "UTF-8"),
    "io.parse_example": lambda f: f([record], features), "io.parse_single_example": lambda f: f(record, features),
    "clip_by_global_norm": lambda f: f([square], 1.0),
    "nn.ctc_greedy_decoder": lambda f: f(tf.zeros((2, 1, 3)), [2]),
    "nn.ctc_beam_search_decoder": lambda f: f(tf.zeros((2, 1, 3)), [2]),
    "io.parse_sequence_example": lambda f: f([record], features),
    "io.parse_single_sequence_example": lambda f: f(record, features),
}


def kind(value):
    several = isinstance(value, (list, tuple))
    return "dict" if isinstance(value, dict) else "several" if several else type(value).__name__


kinds = {}
for name, call in GIVEN.items():
    function = tf
    for part in name.split("."):
        function = getattr(function, part, None)
    if function is not None:
        kinds[name] = kind(call(function))


class Moments:
    def __init__(self, mean):
        self.mean = mean


def objects(x):
    return Moments(tf.reduce_mean(x))


def handed(x):
    draw = functools.partial(tf.random.uniform, maxval=1.0)
    return x + draw([3])


def error(function, *args):
    try:
        function(*args)
    except Exception as exc:
        return type(exc).__name__


def drawn(function):
    tf.random.set_seed(1)
    return function(tf.zeros(3)).numpy().tolist()


def rows(x):
    return tf.TensorArray(tf.float32, size=1).write(0, x)


class Positions(tf.keras.layers.Layer):
    def __init__(self, make):
        super().__init__()
        self.make = make

    def build(self, shape):
        self.positions = self.make(shape[-1])

    def call(self, x):
        return x + self.positions


def built(make, called_before=False):
    layer = Positions(make)
    if called_before:
        layer(tf.ones((2, 3)))
    tf.function(layer)(tf.ones((2, 3)))
    return error(layer, tf.ones((2, 3)))


def warns(x):
    warnings.warn("slow")
    return x


def shown(function):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        for size in (1, 2, 2):
            function(tf.ones(size))
    return len(found)


def unpacked(x):
    return "a" in x


found = {
    "kinds": kinds,
    "object": error(tf.function(objects), square),
    "drawn alike": drawn(handed) == drawn(tf.function(handed)),
    "seeded alike": drawn(handed) == drawn(handed),
    "keys": hasattr(x, "keys") or hasattr(x, "items"),
    "row assigned": hasattr(square[0], "assign_sub"),
    "text in numbers": error(unpacked, x),
    "array returned": error(lambda x: tf.function(rows)(x).stack(), x),
    "array returned, eagerly": error(lambda x: rows(x).stack(), x),
    "built in a graph": built(lambda n: tf.range(float(n))),
    "built before": built(lambda n: tf.range(float(n)), True),
    "an array built in a graph": built(lambda n: np.arange(n, dtype="float32")),
    "warnings": [shown(warns), shown(tf.function(warns))],
    "dtypes of cond": error(tf.function(lambda x: tf.cond(x[0] > 0, lambda: tf.constant(1), lambda: x[0])), tf.ones(3)),
    "dtypes of cond, eagerly": error(lambda x: tf.cond(x[0] > 0, lambda: tf.constant(1), lambda: x[0]), tf.ones(3)),
}
print("RESULT " + json.dumps(found))
"""


def test_facts() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=300)
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    assert line is not None, done.stderr[-2000:]
    found = json.loads(line[7:])
    kinds = found["kinds"]
    assert {kind for name, kind in kinds.items() if name in tables.LISTS | tables.MIXED} == {"several"}, kinds
    assert {kind for name, kind in kinds.items() if name in tables.DICTS} == {"dict"}, kinds
    assert kinds["clip_by_global_norm"] == "several"
    assert len(kinds) > 40
    assert found["object"] == "TypeError"
    assert found["seeded alike"] and not found["drawn alike"]
    assert not found["keys"] and not found["row assigned"]
    assert found["text in numbers"]
    assert found["dtypes of cond"] and not found["dtypes of cond, eagerly"]
    assert found["array returned"] and not found["array returned, eagerly"]
    assert found["built in a graph"]
    assert not found["built before"] and not found["an array built in a graph"]
    assert found["warnings"] == [1, 1]
