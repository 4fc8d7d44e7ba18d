"""What Python does once while a module is exported, and what is no such thing."""

from __future__ import annotations

import pytest

from tests.rules.torch.test_found_on_real_code import codes, module

EXPORT = "torch.export"
IMPORTS = "import os\nimport random\nimport time\n\nimport numpy as np\n\n"


@pytest.mark.parametrize(
    "expression",
    [
        "x * random.random()",
        "x + random.choice([1, 2])",
        "x + float(np.random.rand())",
        "x * time.time()",
        'x * float(os.environ.get("SCALE", "1"))',
        "x if random.random() < 0.5 else -x",
    ],
)
def test_drawn_and_read_once(expression: str) -> None:
    text = IMPORTS + module(f"def forward(self, x):\n    return {expression}")
    assert "THT404" in codes(text, EXPORT)
    assert "THT404" not in codes(text, "torch.compile")


@pytest.mark.parametrize(
    ("init", "body"),
    [
        ("self.n = 0", "self.n += 1\nreturn x * self.n"),
        ("self.seen = []", "self.seen.append(1)\nreturn x * len(self.seen)"),
    ],
)
def test_state_that_stands_still(init: str, body: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    assert "THT404" in codes(module(f"def forward(self, x):\n{lines}", init), EXPORT)


@pytest.mark.parametrize(
    ("init", "body"),
    [
        ("self.n = 0", "self.n += 1\nreturn x"),  # nothing hangs on it
        ('self.register_buffer("n", torch.zeros(()))', "self.n += 1\nreturn x * self.n"),
        ("", "seen = []\nseen.append(x)\nreturn x * len(seen)"),
        ("", "if self.training and random.random() < 0.5:\n    return x\nreturn x * 2"),
        ("", "p = random.uniform(0, 1)\nif self.training and p < 0.5:\n    return x\nreturn x * 2"),
        ("", "np.random.seed(0)\nreturn x"),
        ("self.p = random.random()", "return x * self.p"),
    ],
)
def test_nothing_that_is_kept(init: str, body: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    assert "THT404" not in codes(IMPORTS + module(f"def forward(self, x):\n{lines}", init), EXPORT)
