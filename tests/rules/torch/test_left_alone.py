"""Near misses of the rewrites: what looks like their case and would change a result is left as it is."""

from __future__ import annotations

import ast
import re

import pytest

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.rules.torch._computed_names import name_pattern
from transpile_hybrid.source.source import Source

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\n"
INIT = "    def __init__(self, kind=3, n=2):\n        super().__init__()\n"


def net(forward: str, init: str = "", more: str = "") -> str:
    built = "".join(f"        {line}\n" for line in init.splitlines())
    body = "".join(f"        {line}\n" for line in forward.splitlines())
    return f"{HEAD}class Net(nn.Module):\n{INIT}{built}\n    def forward(self, x):\n{body}{more}"


def rewritten(text: str, target: str = "torch.script") -> str:
    (report,) = rewrite([Source("case.py", text)], [target])
    assert report.result is not None, report.internal or report.error
    ast.parse(report.result.after.text)
    return report.result.after.text


def codes(text: str, target: str = "torch.script") -> set[str]:
    (report,) = check([Source("case.py", text)], [target])
    assert not report.error, report.internal or report.error
    return {diagnostic.code for diagnostic in report.diagnostics}


def test_a_total_that_counts_is_no_tensor() -> None:
    text = net("n = 0\nfor row in x:\n    n += row.sum()\nreturn x[range(n)]")
    assert "n = 0\n" in rewritten(text)


@pytest.mark.parametrize(
    ("forward", "kept"),
    [
        ("s = np.sqrt(x.size(1))\nreturn x / s", False),
        ("a, b = np.sqrt(x.size(1)), 1\nc = a * 2\nreturn x / c + b", False),
        ("return x * (1 + np.sqrt(x.size(1)))", False),
        ("self.s = -np.sqrt(x.size(1))\nreturn x", True),
        ("return x, [np.sqrt(x.size(1))]", True),
        ("return x * np.sqrt(x.size(1)).astype('int').item()", True),
        ("s = 2 * np.sqrt(x.size(1))\nreturn x * s.item()", True),
        ("s = 2 * np.sqrt(x.size(1))\nreturn x * int(s)", False),
        ("a, b = np.sqrt(x.size(1)), 1\nc = a * 2\nreturn x, c", True),
    ],
)
def test_a_numpy_number_that_is_seen_afterwards_keeps_its_type(forward: str, kept: bool) -> None:
    text = "import math\nimport numpy as np\n" + net(forward)
    assert ("np.sqrt" in rewritten(text)) is kept
    assert "THT101" in codes(text)


@pytest.mark.parametrize(
    "more",
    [
        "\n    def other(self):\n        self.kind = 4\n",
        "\n\ndef change(net):\n    net.kind = 4\n",
        "\n\nclass Other(Net):\n    def __init__(self):\n        super().__init__()\n        self.kind = 5\n",
    ],
)
def test_what_something_else_writes_is_not_decided_at_construction(more: str) -> None:
    text = net("if self.kind == 3:\n    return x, x\nreturn x", "self.kind = kind", more)
    assert "__constants__" not in rewritten(text)


def test_a_decision_follows_the_last_write_of_the_constructor() -> None:
    init = "self.kind = kind\nif n > 1:\n    self.kind = n\nself.a = 1"
    after = rewritten(net("if self.kind == 3:\n    return x, x\nreturn x", init))
    written, decided = after.index("self.kind = n"), after.index("self._kind_is_3 = bool(self.kind == 3)")
    assert written < decided < after.index("self.a = 1")


def test_a_loop_that_is_left_keeps_its_form_under_a_condition() -> None:
    text = net(
        "for layer in self.layers[1:]:\n    x = layer(x)\n    if x.dim() > 2:\n        break\nreturn x",
        "self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(n)])",
    )
    assert "self.layers[1:]" in rewritten(text)


def test_lists_of_other_lengths_are_not_walked_together() -> None:
    text = net(
        "for i in range(len(self.a)):\n    x = self.b[i](self.a[i](x))\nreturn x",
        "self.a = nn.ModuleList([nn.Linear(3, 3)])\nself.b = nn.ModuleList([nn.Linear(3, 3) for _ in range(n)])",
    )
    assert "zip" not in rewritten(text)
    assert "THT607" in codes(text)


@pytest.mark.parametrize(
    "forward",
    [
        "def step(y):\n    nonlocal x\n    x = x + y\n    return x\nreturn step(x)",
        "def step(y):\n    return step(y - 1) if y.sum() > 0 else y\nreturn step(x)",
        "def step(y):\n    return y * 2\nreturn torch.stack([f(x) for f in (step, step)])",
    ],
)
def test_a_function_that_is_more_than_called_stays(forward: str) -> None:
    assert "def step" in rewritten(net(forward))
    assert "THT608" in codes(net(forward))


def test_a_lifted_function_is_given_its_surroundings_by_name_beside_names() -> None:
    after = rewritten(net("k = 2.0\ndef step(y, z):\n    return y * z * k\nreturn step(x, z=x)"))
    assert "def _step(self, y, z, k: float):" in after
    assert "self._step(x, z=x, k=k)" in after


def test_names_of_a_comprehension_do_not_leak() -> None:
    text = net("y = x * 2\nparts = [y for y in x if y.numel() > 0]\nreturn torch.stack(parts) + y")
    assert "for y in x if" in rewritten(text)


def test_data_for_a_legacy_constructor_must_be_told_from_a_size() -> None:
    assert "torch.Tensor(self.kind)" in rewritten(net("return x + torch.Tensor(self.kind)", "self.kind = kind * 1.5"))
    assert "x.new(self.sizes)" in rewritten(net("return x + x.new(self.sizes)", "self.sizes = kind"))


def test_a_branch_on_a_tensor_with_other_shapes_is_only_reported() -> None:
    text = net("if x.sum() > 0:\n    y = x.sum(0)\nelse:\n    y = x\nreturn y")
    assert rewritten(text, "torch.compile") == text
    assert "THT303" in codes(text, "torch.compile")


def test_an_optional_in_a_branch_that_may_not_be_run_is_not_asserted() -> None:
    text = HEAD.replace("import torch\n", "from typing import Optional\n\nimport torch\n", 1) + (
        "class Net(nn.Module):\n    def forward(self, x, mask: Optional[torch.Tensor] = None, use: bool = False):\n"
        "        return x * mask if use else x\n"
    )
    assert "assert" not in rewritten(text)


def test_a_rewriting_that_would_lose_a_comment_is_left_to_the_user() -> None:
    lost = net("b, *_ = (  # the batch\n    x.shape\n)\nreturn x.view(b, -1)")
    assert rewritten(lost) == lost
    (report,) = check([Source("case.py", lost)], ["torch.script"])
    (told,) = (one for one in report.diagnostics if one.code == "THT519")
    assert told.fix is not None and told.fix.safety == "unsafe" and "comment" in told.why
    kept = net("b, *_ = x.shape  # the batch\nreturn x.view(b, -1)")
    assert "b = x.shape[0]  # the batch" in rewritten(kept)


def test_a_comprehension_that_is_not_worked_out_first_is_no_loop() -> None:
    init = "self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])"
    forward = "return torch.cat([x.add_(1), *[m(p) for m, p in zip(self.layers, [x, x])]])"
    text = net(forward, init)
    assert "THT609" in codes(text) and rewritten(text).count("for m, p in zip") == 1
    text = net("if x.dim() == 2: x = torch.cat([m(p) for m, p in zip(self.layers, [x, x])])\nreturn x", init)
    assert "THT609" in codes(text) and rewritten(text).count("for m, p in zip") == 1


def test_modules_that_come_later_are_of_any_class() -> None:
    more = "self.layers.append(nn.LSTM(3, 3))"
    init = "self.layers = nn.ModuleList([nn.Linear(3, 3)])"
    forward = "given = [m(x)[0] for m in self.layers]\nreturn sum(given)"
    assert "THT806" in codes(net(forward, init))
    assert "THT806" not in codes(net(forward, f"{init}\n{more}"))
    assert "THT806" not in codes(
        net(forward, f"layers = nn.ModuleList([nn.Linear(3, 3)])\n{more[5:]}\nself.layers = layers")
    )


@pytest.mark.parametrize("use", ["for one in held.values():\n        y = y + one", "y = y + held['a']"])
def test_what_can_be_nothing_but_a_dict_is_annotated(use: str) -> None:
    part = f"\n\nclass Part(nn.Module):\n  def forward(self, held):\n    y = 0\n    {use}\n    return y\n"
    text = net("held = {}\nheld['a'] = x\nreturn self.part(held)", "self.part = Part()", part)
    assert "THT507" in codes(text)
    assert "held: Dict[str, torch.Tensor]" in rewritten(text)


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ("class Out(dict):\n    pass", True),
        ("class Out:\n    def first(self):\n        return 1", True),
        ("class Base:\n    def __init__(self):\n        self.n = 1\n\n\nclass Out(Base):\n    pass", True),
        ("from dataclasses import dataclass\n\n\n@dataclass\nclass Out:\n    n: int = 1", True),
        ("class Out:\n    def __init__(self):\n        self.n = 1", False),
        ("from typing import NamedTuple\n\n\nclass Out(NamedTuple):\n    n: int = 1", False),
        ("from known import Base\n\n\nclass Out(Base):\n    pass", False),
    ],
)
def test_a_class_is_built_where_torchscript_finds_its_constructor(definition: str, told: bool) -> None:
    text = net("out = Out()\nreturn x").replace("class Net", f"{definition}\n\n\nclass Net")
    assert ("THT613" in codes(text)) is told


def pattern_of(name: str) -> str | None:
    """What is known of the names that ``name`` computes in a loop over ``i``."""
    function = ast.parse(f"def f(self, kind, scale):\n    for i in range(3): setattr(self, {name}, None)").body[0]
    assert isinstance(function, ast.FunctionDef)
    call = next(node for node in ast.walk(function) if isinstance(node, ast.Call) and len(node.args) == 3)
    return name_pattern(call.args[1], function)


@pytest.mark.parametrize(
    ("name", "fits", "other"),
    [
        ('f"conv{i}"', "conv12", "conv"),
        ('"conv" + str(i + 1)', "conv3", "convs"),
        ('"conv%d_%s" % (i, kind)', "conv1_left", "conv_left"),
        ('"conv{}".format(i)', "conv7", "conv_post"),
    ],
)
def test_computed_names_are_those_that_they_can_be(name: str, fits: str, other: str) -> None:
    pattern = pattern_of(name)
    assert pattern is not None
    assert re.fullmatch(pattern, fits) and not re.fullmatch(pattern, other)


@pytest.mark.parametrize("name", ["kind", "str(i)", '"a%.1f" % scale', '"a%(b)s" % kind', '"a{{{}}}".format(kind)'])
def test_nothing_is_known_of_other_names(name: str) -> None:
    assert pattern_of(name) is None
