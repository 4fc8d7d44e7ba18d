"""``record``: constructor arguments and shapes of a real run, and verification with them."""

# ruff: noqa: E501 (programs in one line)

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.verify import VerifyError, VerifyOptions, verify_files
from transpile_hybrid.verify.recorded import FILE, record, recorded_of

TORCH = """import dataclasses
import types

import torch
from torch import nn


@dataclasses.dataclass
class Config:
    width: int = 6
    act: type = nn.ReLU


class Block(nn.Module):
    def __init__(self, config, names, dtype):
        super().__init__()
        self.fc = nn.Linear(config.width, names["out"]).to(dtype)
        self.act = config.act()

    def forward(self, x, scale=1.0):
        return self.act(self.fc(x)) * scale


class Net(Block):
    def __init__(self, config):
        super().__init__(config, {"out": 5}, torch.float32)
        self.emb = nn.Embedding(4, config.width)

    def forward(self, tokens, pair):
        left, right = pair
        return super().forward(self.emb(tokens) + left * right["w"])


class Namespaced(nn.Module):
    def __init__(self, args, made):
        super().__init__()
        self.fc = nn.Linear(args.n + made.more(1), 2)

    def forward(self, x):
        return self.fc(x)
"""
TRAIN = """import sys, types
sys.path.insert(0, "src")
import torch
from net import Block, Config, Namespaced, Net
Block(Config(3), {"out": 2}, torch.float32)(torch.randn(4, 3), scale=2.0)
model = Net(Config())
for batch in (4, 4, 3):
    pair = (torch.randn(batch, 7, 6), {"w": torch.rand(1)})
    model(torch.randint(0, 4, (batch, 7)), pair).sum().backward()
class Made:
    def more(self, n):
        return 0
Namespaced(types.SimpleNamespace(n=9), Made())(torch.randn(2, 9))
print("trained")
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_a_run_is_recorded_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"src/net.py": TORCH, "train.py": TRAIN})
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", "transpile_hybrid", "record", "--", sys.executable, "train.py"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout == "trained\n", ran.stderr
    assert f"3 classes recorded in {FILE}" in ran.stderr
    seen = json.loads((tmp_path / FILE).read_text())["files"]["src/net.py"]
    assert seen["Net"]["inputs"][0]["args"][0] == {"shape": [4, 7], "dtype": "int64", "kind": "tensor"}
    assert len(seen["Net"]["inputs"]) == 2, "the same shapes are kept once"
    assert seen["Block"]["inputs"][0]["kwargs"] == {"scale": {"float": (2.0).hex()}}
    assert "0." not in (tmp_path / FILE).read_text().replace("0x1.0", ""), "no tensor's contents"

    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0)
    found = {v.unit: v for v in verify_files("src/net.py", "src/net.py", options=options)}
    assert {name: v.equivalent for name, v in found.items()} == {"Block": True, "Net": True, "Namespaced": None}
    assert found["Net"].inputs == found["Block"].inputs == "recorded"
    assert found["Namespaced"].reason.startswith("not verified: its constructor"), "an object isn't kept"
    write(tmp_path, {"src/new.py": TORCH.replace("left * right", "left - right")})
    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0, unit="Net")
    (verdict,) = verify_files("src/net.py", "src/new.py", options=options)
    assert verdict.equivalent is False and "recorded inputs 1" in verdict.reason
    (verdict,) = verify_files("src/new.py", "src/net.py", options=options)
    assert verdict.inputs == "recorded", "the original may be the copy"


def test_what_is_declared_comes_first(tmp_path: Path) -> None:
    entry = {
        "init": None,
        "inputs": [{"args": [{"shape": [2, 9], "dtype": "float32", "kind": "tensor"}], "kwargs": {}}],
    }
    text = "import torch\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return x[:, 5:] * 2\n"
    write(tmp_path, {"net.py": text, FILE: json.dumps({"version": 1, "files": {"net.py": {"Net": entry}}})})
    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0)
    path = tmp_path / "net.py"
    assert [v.inputs for v in verify_files(path, path, options=options)] == ["recorded"]
    path.write_text(text + "\n\ndef example_inputs():\n    return torch.ones(2, 7)\n")
    assert [v.inputs for v in verify_files(path, path, options=options)] == ["declared"]
    given = VerifyOptions(python=sys.executable, speed=False, timeout=120.0, inputs=[[2, 8]])
    assert [v.inputs for v in verify_files(path, path, options=given)] == ["given"]


OTHERS = {
    "tensorflow": (
        "import tensorflow as tf\n\n\nclass Net(tf.keras.Model):\n    def __init__(self, width):\n        super().__init__()\n"
        "        self.fc = tf.keras.layers.Dense(width)\n\n    def call(self, x, training=False):\n        return self.fc(x)\n",
        "import tensorflow as tf\nfrom net import Net\nnet = Net(5)\nnet(tf.ones([2, 3]))\n"
        "net.compile(loss='mse')\nnet.fit(tf.ones([8, 3]), tf.ones([8, 5]), verbose=0)\n",
    ),
    "mxnet": (
        "from mxnet.gluon import nn\n\n\nclass Net(nn.HybridBlock):\n    def __init__(self, width):\n        super().__init__()\n"
        "        self.fc = nn.Dense(width)\n\n    def hybrid_forward(self, F, x):\n        return self.fc(x)\n",
        "import numpy as np\nfor n in ('bool', 'int', 'float', 'object', 'complex', 'str'):\n"
        "    setattr(np, n, getattr(__builtins__, n))\nimport mxnet as mx\nfrom net import Net\n"
        "net = Net(5)\nnet.initialize()\nnet(mx.nd.ones((2, 3)))\n",
    ),
}  # fmt: skip


def test_constructors_are_still_seen_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Keras reads a constructor's parameters by inspect.getfullargspec, which does not look through wrappers
    net = OTHERS["tensorflow"][0].replace("width):", "width=5, *, name=None):")
    layer = "\n\nclass Part(tf.keras.layers.Layer):\n    def __init__(self, rate=0.5, **more):\n        super().__init__(**more)\n"
    train = "import tensorflow as tf\nfrom net import Net, Part\nNet()(tf.ones([2, 3]))\nprint(Part(name='p').get_config())\n"
    write(tmp_path, {"net.py": net + layer, "train.py": train})
    monkeypatch.chdir(tmp_path)
    assert record([sys.executable, "train.py"]) == (0, 1)
    assert recorded_of(str(tmp_path / "net.py"))["Net"]["inputs"]


@pytest.mark.parametrize("framework", OTHERS)
def test_other_frameworks(tmp_path: Path, framework: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net, train = OTHERS[framework]
    write(tmp_path, {"net.py": net, "train.py": train})
    monkeypatch.chdir(tmp_path)
    assert record([sys.executable, "train.py"]) == (0, 1)
    seen = recorded_of(str(tmp_path / "net.py"))["Net"]
    assert seen["init"]["args"] == [{"v": 5}] and seen["inputs"][0]["args"][0]["shape"] == [2, 3]
    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0)
    (verdict,) = verify_files("net.py", "net.py", options=options)
    assert verdict.equivalent is True and verdict.inputs == "recorded", verdict


def test_commands_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VerifyError, match="cannot be run"):
        record(["./no-such-program"])
    assert record([sys.executable, "-c", "raise SystemExit(7)"]) == (7, 0)
    write(tmp_path, {FILE: "[]"})
    with pytest.raises(VerifyError, match="is no recording"):
        recorded_of("net.py")


def test_the_environments_own_sitecustomize_still_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"site/sitecustomize.py": "print('mine')\n"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    program = "import sitecustomize; print(sitecustomize.__file__)"
    # our own process, the command's and its child's; what is imported by name is the environment's
    script = f"import subprocess, sys; sys.stdout.write(subprocess.check_output([sys.executable, '-c', {program!r}], text=True))"
    ran = subprocess.run(
        [sys.executable, "-m", "transpile_hybrid", "record", "--", sys.executable, "-c", script],
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout.splitlines() == ["mine"] * 3 + [str(tmp_path / "site" / "sitecustomize.py")]
