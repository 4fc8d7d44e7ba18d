"""``benchmarks/tf_feed.py``: what functions of public code are fed with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
CODE = """
import numpy as np
import tensorflow as tf

Y = np.array([1.0, 2.0])


def both(pair):
    low, high = pair
    return low + high


def keyed(inputs, rate: float):
    return inputs["image"] * rate if "mask" in inputs else inputs["image"]


def either(x):
    if isinstance(x, tuple):
        x, _ = x
    return x


def loss(x, y):
    return x - y


class Rotary(tf.keras.layers.Layer):
    def call(self, tensors):
        return [tf.nn.relu(one) for one in tensors]


class Attention(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.rotary = Rotary()

    def call(self, q, k):
        return self.rotary([q, k])


loss(Y, Y)
"""


def test_what_functions_are_fed(tmp_path: Path) -> None:
    """A list where the function or its callers show one, a dict where it is asked for keys, else a tensor."""
    file = tmp_path / "code.py"
    file.write_text(CODE)
    program = f"""
import ast, json, sys
sys.path.insert(0, {str(FOLDER)!r})
from pathlib import Path
import tf_feed, tf_lint
file = Path({str(file)!r})
first = {{n: tf_feed.candidates(file, n, "code.py")[0][3] for n in ("both", "keyed", "either", "loss", "Rotary.call")}}
tree = ast.parse(file.read_text())
case = ("code.py", "keyed", "", first["keyed"], "")
print(json.dumps([first, sorted(tf_lint.given_arrays(tree, "loss")), tf_feed.other_numbers(tree, case)]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    first, arrays, others = json.loads(done.stdout)
    one = "u(b + 2, b + 2)"
    assert first["both"] == f"({one}, {one}, ),"
    assert first["keyed"] == f"{{'image': {one}, 'mask': {one}}}, 0.5,"
    assert first["either"] == f"{one},"
    assert first["loss"] == f"{one}, {one},"
    assert first["Rotary.call"] == f"({one}, {one}, ),"
    assert arrays == [0, 1]
    assert [other.replace(" ", "") for other in others] == [first["keyed"].replace(" ", "").replace("0.5", "0.75")]


SEEN = """
import logging

import numpy as np
import tensorflow as tf

import nowhere

scale = 1.0


def logs(x):
    logging.info("once")
    return x + 1.0


def changes(inputs):
    inputs["b"] = inputs["a"] * 2.0
    return inputs["b"]


def rests(x):
    return tf.reduce_sum(x) + tf.reduce_mean(nowhere.loss(x))


def scaled(x):
    return x * scale


@tf.function(input_signature=[tf.TensorSpec([None, 5], tf.float64)])
def declared(x):
    return tf.matmul(x, tf.ones((5, 1), tf.float64))


def loss(x, y):
    return x - y


Y = np.array([1.0, 2.0])
loss(tf.ones(2), Y)
scale = 2.0
"""


def test_what_is_seen(tmp_path: Path) -> None:
    """Logs, changed arguments, names that the file binds anew, arrays that it gives, and the declared signature."""
    file = tmp_path / "code.py"
    file.write_text(SEEN)
    program = f"""
import json, sys
sys.path.insert(0, {str(FOLDER)!r})
from pathlib import Path
import tf_feed, tf_lint, tf_run
tf_run.ready()
file = Path({str(file)!r})
names = ("logs", "changes", "rests", "scaled", "declared", "loss")
found = {{}}
for name in names:
    found[name] = tf_run.forked(tf_lint.judged, (str(file), tf_feed.candidates(file, name, "code.py")), 120)
print(json.dumps(found))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["logs"]["result"] == "differs: log"
    assert "should not modify its Python input arguments" in found["changes"]["result"]
    assert found["rests"]["result"] == "case: it rests on a package that isn't here"
    assert found["scaled"]["result"] == "equal" and found["scaled"]["situation"].startswith("outside: differs")
    assert found["declared"] == {"result": "equal", "fed": "tf.cast(n(b + 2, 5), tf.float64),", "make": ""}
    assert found["loss"]["result"] == "equal" and found["loss"]["situation"].startswith("arrays: fails")


USES = """
import tensorflow as tf


def times(x, n):
    out = x
    for _ in range(n):
        out = out * x
    return out


def told(text):
    return tf.strings.length(text)


def either(ids):
    if ids.dtype == tf.string:
        ids = tf.strings.to_number(ids)
    return ids


def later(x):
    y = x + 1
    x = tf.strings.as_string(y)
    return tf.strings.length(x)


class Made(tf.keras.layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 3), initializer="random_normal")

    def call(self, x):
        return tf.matmul(x, self.kernel)


class Counted(Made):
    def __init__(self):
        super().__init__()
        self.count = 0

    def call(self, x):
        self.count += 1
        return super().call(x) * float(self.count)
"""


def test_uses_and_weights_of_the_first_call(tmp_path: Path) -> None:
    """Uses say what a parameter is; weights that the first call makes don't count as a difference."""
    file = tmp_path / "code.py"
    file.write_text(USES)
    program = f"""
import json, sys
sys.path.insert(0, {str(FOLDER)!r})
from pathlib import Path
import tf_feed, tf_lint, tf_run
tf_run.ready()
file = Path({str(file)!r})
fed = {{n: tf_feed.candidates(file, n, "code.py")[0][3] for n in ("times", "told", "either", "later")}}
seen = {{}}
for name in ("Made", "Counted"):
    seen[name] = tf_run.forked(tf_lint.judged, (str(file), tf_feed.candidates(file, name + ".call", "code.py")), 120)
print(json.dumps([fed, seen]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=240, check=True)
    fed, seen = json.loads(done.stdout.splitlines()[-1])
    texts, one = "tf.constant(['1', '2']),", "u(b + 2, b + 2)"
    assert fed == {"times": f"{one}, 2,", "told": texts, "either": texts, "later": f"{one},"}
    assert seen["Made"]["result"] == "equal" and "situation" not in seen["Made"], seen["Made"]
    assert seen["Counted"]["result"].startswith("differs"), seen["Counted"]


OFFERED = """
import nowhere
import tensorflow as tf
from pieces import half

scale = compute_scale()


{decorator}def small(x):
    return x + 1.0


{decorator}def large(params, x):
    for p in params:
        for _ in range(6):
            p.assign_sub(half(tf.tanh(p * scale) + tf.reduce_mean(x)))
"""


def test_what_faster_only_keeps(tmp_path: Path) -> None:
    """A function is cut out with what it needs, fed, judged, and rolled back where it isn't proved faster."""
    for side, decorator in (("before", ""), ("after", "@tf.function\n")):
        folder = tmp_path / side / "code"
        folder.mkdir(parents=True)
        (folder / "code.py").write_text(OFFERED.format(decorator=decorator))
        (folder / "pieces.py").write_text("import tensorflow as tf\n\n\ndef half(x):\n    return x / 2.0\n")
    program = f"""
import json, sys
sys.path.insert(0, {str(FOLDER)!r})
from pathlib import Path
import tf_faster
cases = [
    ("code/code.py", "small", "", "u(b, 3)", ""),
    ("code/code.py", "large", "", "[v(2), v(3)], n(b, 3)", "dict(scale=0.5)"),
]
found = [
    tf_faster.kept(*(tf_faster.find(Path({str(tmp_path)!r}, side), case[0]) for side in ("before", "after")), case)
    for case in cases
]
print(json.dumps(found))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=400, check=True)
    small, large = json.loads(done.stdout.splitlines()[-1])
    assert not small["kept"] and "not proved faster" in small["why"], small
    assert large["kept"], large
