"""``rewrite --verify``: only what was run and found equal is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.run.verified import Verified, keep_verified
from transpile_hybrid.source.definitions import reaching, restored, touched
from transpile_hybrid.source.source import Source
from transpile_hybrid.verify import VerifyOptions

BEFORE = """import torch
from torch import nn


def scaled(x):
    return x * 2


def unused(x):
    return x


class Good(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        h = self.fc(x)
        h += 1
        return scaled(h)


class Bad(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        h = self.fc(x)
        h += 1
        return h


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(Good(), Bad())

    def forward(self, x):
        return self.body(x)


class Unknown(nn.Module):
    def __init__(self, registry):
        super().__init__()
        self.fc = registry.make()

    def forward(self, x):
        return self.fc(x)
"""
AFTER = (
    BEFORE.replace("        h += 1\n        return scaled(h)", "        h = h + 1\n        return scaled(h)")
    .replace("        h += 1\n        return h\n", "        h = math.e * 0 + h + 2\n        return h\n")
    .replace("import torch\n", "import math\n\nimport torch\n", 1)
    .replace("return x * 2", "return 2 * x")
    .replace("def unused(x):\n    return x", "def unused(x):\n    return x + 0")
    .replace("return self.fc(x)\n", "return (self.fc(x))\n")
)


def kept(folder: Path, *pairs: tuple[str, str, str], faster_only: bool = False) -> Verified:
    changed = []
    for name, before, after in pairs:
        (folder / name).write_text(before)
        changed.append((Source(str(folder / name), before), Source(str(folder / name), after)))
    options = VerifyOptions(python=sys.executable, speed=faster_only, timeout=120.0, budget=4.0)
    return keep_verified(changed, lambda _: (), lambda _: frozenset(), options, faster_only=faster_only)


def test_units_are_rolled_back_one_by_one(tmp_path: Path) -> None:
    done = kept(tmp_path, ("net.py", BEFORE, AFTER))
    ((_, after),) = done.changed
    back = {one.unit: one.reason for one in done.rolled_back}
    assert set(back) == {"Bad", "Unknown", "unused"}
    assert back["Bad"].startswith("different: outputs") and back["Unknown"].startswith("not verified: its constructor")
    assert back["unused"].startswith("not verified: it was changed, and what it takes isn't known")
    expected = BEFORE.replace("h += 1\n        return scaled", "h = h + 1\n        return scaled")
    assert after.text == expected.replace("return x * 2", "return 2 * x"), "the import went with what needed it"
    assert {v.unit: v.equivalent for v in done.verdicts} == {"Good": True, "Net": True}


def test_other_files_are_verified_as_rewritten(tmp_path: Path) -> None:
    block = "import torch\nfrom torch import nn\n\n\ndef act(x):\n    return torch.relu(x)\n"
    net = "from torch import nn\nfrom block import act\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        "
    net += "super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n"
    net += "        return act(self.fc(x))\n"
    done = kept(
        tmp_path,
        ("block.py", block, block.replace("act(x)", "act(x, s)").replace("relu(x)", "relu(x) * s")),
        ("net.py", net, net.replace("act(self.fc(x))", "act(self.fc(x), 1.0)")),
    )
    assert [before.path for before, _ in done.changed] == []
    assert {Path(one.path).name: one.unit for one in done.rolled_back} == {"block.py": "act", "net.py": "Net"}


def test_faster_only(tmp_path: Path) -> None:
    done = kept(tmp_path, ("net.py", BEFORE, BEFORE.replace("return x * 2", "return 2 * x")), faster_only=True)
    assert done.changed == [] and all("not proved faster" in one.reason for one in done.rolled_back)


def test_text_that_is_restored() -> None:
    before, after = Source("a.py", BEFORE), Source("a.py", AFTER)
    assert touched(before, after) == ({"scaled", "unused", "Good", "Bad", "Unknown"}, False)
    assert touched(before, Source("a.py", BEFORE + "\nX = 1\n")) == (set(), True)
    assert reaching(after.tree)["Net"] == {"Good", "Bad", "scaled"}
    assert restored(before, after, {"scaled", "unused", "Good", "Bad", "Unknown"}) == BEFORE
    assert restored(before, Source("a.py", BEFORE.replace("class Bad", "class Worse")), {"Bad"}) is None


@pytest.mark.parametrize("options", [["--verify"], ["--verify", "--check"]])
def test_command(tmp_path: Path, options: list[str]) -> None:
    text = BEFORE.replace("def forward(self, x):", "def forward(self, x, s=2.0):")
    (tmp_path / "net.py").write_text(text)
    command = [sys.executable, "-m", "transpile_hybrid", "rewrite", "net.py", *options, "--python", sys.executable]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1, ran.stderr
    assert "net.py:Unknown: rolled back: not verified" in ran.stderr and "run and found equal" in ran.stderr
    written = (tmp_path / "net.py").read_text()
    if "--check" in options:
        assert written == text
    else:
        assert written.count("s: float = 2.0") == 3 and written.count("s=2.0") == 1
