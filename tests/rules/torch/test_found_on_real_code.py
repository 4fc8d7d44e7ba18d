"""Cases that came up on real code: each is a small program, the rule at work, and what must come of it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.source.source import Source

from .running import run

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\n"


def rewritten(text: str, target: str = "torch.script", *, unsafe: bool = False) -> str:
    (report,) = rewrite([Source("case.py", HEAD + text)], [target], unsafe=unsafe)
    assert report.result is not None, report.internal or report.error
    after = report.result.after
    ast.parse(after.text)
    (again,) = rewrite([after], [target], unsafe=unsafe)
    assert not again.changed
    return after.text


def codes(text: str, target: str = "torch.script") -> set[str]:
    (report,) = check([Source("case.py", HEAD + text)], [target])
    assert not report.error, report.internal or report.error
    return {diagnostic.code for diagnostic in report.diagnostics}


def module(forward: str, init: str = "") -> str:
    lines = ["class Net(nn.Module):", "    def __init__(self, a=None, flag=False):", "        super().__init__()"]
    lines += [f"        {line}" for line in init.splitlines()]
    lines += ["", *(f"    {line}" for line in forward.splitlines()), ""]
    return "\n".join(lines)


def test_two_variables_of_one_branch_get_one_else() -> None:
    text = module(
        """def forward(self, x):
    if self.kind == "a":
        y = x
        z = x + 1
    elif self.kind == "b":
        y = x * 2
        z = x
    return y + z""",
        'self.kind = "a"',
    )
    after = rewritten(text)
    assert after.count("raise UnboundLocalError") == 1


def test_a_second_if_that_changes_the_variable_gets_no_else() -> None:
    text = module(
        """def forward(self, x):
    if self.kind == "a":
        y = x
    elif self.kind == "b":
        y = x * 2
    if self.how == "sum":
        y = y.sum()
    return y""",
        'self.kind = "a"\nself.how = "none"',
    )
    assert "UnboundLocalError" not in rewritten(text)


def test_a_variable_that_is_used_in_one_branch_only_gets_no_else() -> None:
    text = module(
        """def forward(self, x):
    if self.kind == "a":
        y = x
    if self.kind == "a":
        x = x + y
    return x""",
        'self.kind = "a"',
    )
    assert "UnboundLocalError" not in rewritten(text)
    assert "THT301" in codes(text)


@pytest.mark.parametrize("default", ["2", "True", '"sum"', "1.5", "-1"])
def test_default_of_each_kind_is_annotated(default: str) -> None:
    name = {"2": "int", "True": "bool", '"sum"': "str", "1.5": "float", "-1": "int"}[default]
    after = rewritten(module(f"def forward(self, x, p={default}):\n    return x"))
    assert f"p: {name} = {default}" in after


def test_calls_that_disagree_leave_the_default_alone() -> None:
    text = "def scale(x, by=2):\n    return x * by\n\n\n" + module(
        "def forward(self, x):\n    return scale(x) + scale(x, x)"
    )
    assert "by=2" in rewritten(text)
    assert "THT502" in codes(text)


def test_an_int_default_that_a_call_gives_a_float_is_a_float() -> None:
    text = "def scale(x, by=2):\n    return x * by\n\n\n" + module("def forward(self, x):\n    return scale(x, 0.5)")
    assert "by: float = 2" in rewritten(text)


def test_an_optional_mask_is_a_tensor() -> None:
    after = rewritten(
        module("def forward(self, x, mask=None):\n    return x if mask is None else x.masked_fill(mask == 0, 0.0)")
    )
    assert "mask: Optional[torch.Tensor] = None" in after
    assert "from typing import Optional" in after


def test_unknown_callers_make_module_truth_unsafe() -> None:
    text = module("def forward(self, x):\n    return self.down(x) if self.down else x", "self.down = a")
    assert "is not None" not in rewritten(text)


def test_none_compared_by_value() -> None:
    text = module(
        "def forward(self, x):\n    if self.down != None:\n        x = self.down(x)\n    return x", "self.down = a"
    )
    assert "if self.down is not None:" in rewritten(text)


@pytest.mark.parametrize(
    ("stars", "word", "shown"),
    [
        ("*args", "takes_more_arguments", "(x, *args)"),
        ("**kwargs", "takes_more_keywords", "(x, **kwargs)"),
        ("*args, **kwargs", "takes_more", "(x, *args, **kwargs)"),
    ],
)
def test_a_star_parameter_that_forward_does_not_use_is_taken_by_a_decorator(stars: str, word: str, shown: str) -> None:
    after = rewritten(module(f"def forward(self, x, {stars}):\n    return x + 1"))
    assert f"    @{word}\n    def forward(self, x):" in after
    space: dict[str, Any] = {}
    exec(after, space)  # noqa: S102
    net = space["Net"]()
    assert str(inspect.signature(net.forward)) == shown
    assert net(1, *([2] if "*args" in stars else []), **({"y": 3} if "**" in stars else {})) == 2
    for given, taken in (([1, 2], "*args" in stars), ([1], "**" in stars)):
        named = {"z": 1} if len(given) == 1 else {}
        if not taken:
            with pytest.raises(TypeError):
                net(*given, **named)


@pytest.mark.parametrize("use", ["len(kwargs)", "self.fc(x, **kwargs)", "kwargs.get('y')"])
def test_a_star_parameter_that_is_used_stays(use: str) -> None:
    text = module(f"def forward(self, x, **kwargs):\n    return {use}", "self.fc = nn.Linear(2, 2)")
    assert "takes_more" not in rewritten(text)
    assert "THT501" in codes(text)


def test_two_flags_share_one_declaration() -> None:
    text = module(
        """def forward(self, x):
    if self.pair:
        return x, x
    if self.triple:
        return x, x, x
    return x""",
        "self.pair = flag\nself.triple = not flag",
    )
    assert '__constants__ = ["pair", "triple"]' in rewritten(text)


@pytest.mark.parametrize(
    ("call", "decorator", "compiled"),
    [("self.both()", "", True), ("pass", "@torch.jit.export\n", True), ("pass", "", False)],
)
def test_a_flag_that_a_compiled_method_changes_is_no_constant(call: str, decorator: str, compiled: bool) -> None:
    """A scripted module has no other methods: what only they set stays as it was when it was scripted."""
    text = module(
        f"def forward(self, x):\n    {call}\n    if self.pair:\n        return x, x\n"
        f"    return x\n\n{decorator}def both(self):\n    self.pair = True",
        "self.pair = flag",
    )
    assert ("__constants__" not in rewritten(text)) is compiled


@pytest.mark.parametrize("other", ['return hasattr(self, "last")', "self.last = None", "del self.last"])
def test_an_attribute_asked_for_or_written_elsewhere_is_not_initialised(other: str) -> None:
    text = module(
        f"def forward(self, x):\n    self.last = x * 2\n    return self.last\n\ndef other(self):\n    {other}"
    )
    assert "torch.empty" not in rewritten(text)
    assert "THT402" in codes(text)


def test_variable_with_gradient_stays() -> None:
    text = "from torch.autograd import Variable\n\n\n" + module(
        "def forward(self, x):\n    return Variable(x + 1) + Variable(x, requires_grad=True)"
    )
    after = rewritten(text, "torch.compile")
    assert "(x + 1).detach() + Variable(x, requires_grad=True)" in after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x.view(*x.shape[:1], 2, *x.shape[2:])", "x.view(list(x.shape[:1]) + [2] + list(x.shape[2:]))"),
        ("x.view(*x.shape)", "x.view(x.shape)"),
        ("x * +x.sum()", "x * x.sum()"),
        (
            "x.type() == x.T.data.type()",
            "return x.dtype == x.T.dtype and x.device.type == x.T.device.type and x.layout == x.T.layout",
        ),
        ("F.normalize(x, p=2)", "F.normalize(x, p=2.0)"),
        ("nn.Softmax(dim=1)(x)", "F.softmax(x, dim=1)"),
        ("x.mean(axis=1, keepdims=True)", "x.mean(dim=1, keepdim=True)"),
    ],
)
def test_expressions(before: str, after: str) -> None:
    assert after in rewritten(module(f"def forward(self, x):\n    return {before}"))


@pytest.mark.parametrize(
    "expression",
    [
        "x.transpose(*x.shape[:2])",
        "F.normalize(x, p=2.0)",
        "torch.clamp(x, min=0)",
        "x.view(x.size(0), -1)",
        "x * 2 ** 3",
    ],
)
def test_left_alone(expression: str) -> None:
    text = module(f"def forward(self, x):\n    return {expression}")
    assert rewritten(text) == HEAD + text


def test_functions_that_nothing_compiles_are_no_concern() -> None:
    text = "def load(path, *names, limit=3):\n    return [name for name in names if name][:limit]\n"
    assert codes(text) == set()


def test_a_loop_around_keeps_the_variable_of_the_loop_inside() -> None:
    text = """def forward(self, x):
    for i in range(2):
        for i in range(3):
            x = getattr(self, f"stage{i}")(x)
        x = x * i
    return x"""
    assert "getattr" in rewritten(module(text))


def test_a_written_out_loop_takes_comments_further_left_along() -> None:
    text = """def forward(self, x):
    for i in range(2):
  # each
        x = getattr(self, f"stage{i}")(x)

        x = x + i
    return x"""
    assert "        # each\n        x = self.stage1(x)\n\n        x = x + 1\n" in rewritten(module(text))


def test_a_long_range_is_not_written_out() -> None:
    text = """def forward(self, x):
    for i in range(10000000000000000000000):
        x = getattr(self, f"stage{i}")(x)
    return x"""
    assert "range(10000000000000000000000)" in rewritten(module(text))


def test_a_function_that_an_attribute_holds_is_mended_too() -> None:
    text = "def _up(x):\n    return F.interpolate(x, scale_factor=2)\n\n\n"
    text += module(
        "def forward(self, x):\n    return self.up(x)",
        "self.up = _up if flag else nn.ConvTranspose2d(3, 3, 2, stride=2)",
    )
    assert "scale_factor=2.0" in rewritten(text)


def test_what_a_forward_hands_on_is_no_tensor_for_want_of_an_annotation() -> None:
    text = module("def forward(self, x, train=True):\n    return x * 2 if train else x")
    text += "\n\nclass Outer(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.net = Net()\n\n"
    text += "    def forward(self, x, train):\n        return self.net(x, train)\n"
    assert "train: bool = True" in rewritten(text)
    used = text.replace("self.net(x, train)", "self.net(x + train.mean(), train)")
    assert "train: bool = True" not in rewritten(used)


@pytest.mark.parametrize("made", ["Normal(x, 1.0)", "torch.distributions.Categorical(logits=x)", "Fixed(logits=x)"])
def test_no_distribution_of_pytorch_compiles(made: str) -> None:
    text = module(f"def forward(self, x):\n    return {made}.sample()", "self.fc = nn.Linear(2, 2)").replace(
        "class Net",
        "from torch.distributions import Normal\n\nFixed = torch.distributions.Categorical\n\n\nclass Net",
        1,
    )
    assert "Fixed =" in text
    assert "THT613" in codes(text)


def test_a_list_of_modules_that_is_added_to_is_one() -> None:
    text = module(
        "def forward(self, x):\n    for i in range(len(self.parts)):\n        x = self.parts[i](x)\n    return x",
        "self.parts = nn.ModuleList()\nfor _ in range(2):\n    self.parts += [nn.Linear(2, 2)]",
    )
    assert "in self.parts:" in rewritten(text)


@pytest.mark.parametrize("name", ["make", "__make"])
def test_modules_in_a_list_that_a_method_makes_are_told(name: str) -> None:
    text = module(
        f"def {name}(self):\n    parts = []\n    for _ in range(2):\n        parts.append(nn.Linear(2, 2))\n"
        "    return parts\n\n"
        "def forward(self, x):\n    for part in self.parts:\n        x = part(x)\n    return x",
        f"self.parts = self.{name}()",
    )
    assert "THT611" in codes(text)


def test_a_comparison_of_what_nothing_is_known_of_may_be_a_tensor() -> None:
    """Its type is what a module is given: annotated as a bool, the module would refuse the tensor."""
    text = module(
        "def forward(self, x, targets, wanted):\n    return self.loss(x, targets['kind'] == wanted)",
        "self.loss = Loss()",
    ).replace(
        "class Net",
        "class Loss(nn.Module):\n    def forward(self, x, valid):\n        return x * valid[:, None]\n\n\nclass Net",
        1,
    )
    assert "class Loss" in text
    assert "valid: bool" not in rewritten(text)


FLAG = """class Part(nn.Module):
    def __init__(self, size, {parameter}):
        super().__init__()
        self.norm = norm
        if norm{test}:
            self.bn = nn.BatchNorm1d(size)

    def forward(self, x):
        if self.norm{test}:
            x = self.bn(x)
        return x


class Whole(nn.Module):
    def __init__(self, flag):
        super().__init__()
        self.part = Part(2{given})

    def forward(self, x):
        return self.part(x)
"""


@pytest.mark.parametrize(
    ("parameter", "test", "given", "said"),
    [
        ("norm=True", "", "", "error for other settings"),
        ("norm=True", "", ", norm=False", "error for other settings"),  # some have it, some don't
        ("norm=0.1", " > 0", "", "error for other settings"),
        ("norm=False", "", "", "error"),  # what is made has none
        ("norm", "", "", "error"),  # nothing tells
        ("norm", "", ", flag", "error"),
        ("norm=True", "", ", flag", "error for other settings"),  # the default has it, whatever the flag is
        ("norm=False", "", ", flag", "error"),
    ],
)
def test_what_only_other_settings_lack_is_said_so(parameter: str, test: str, given: str, said: str) -> None:
    text = FLAG.format(parameter=parameter, test=test, given=given)
    (report,) = check([Source("case.py", HEAD + text)], ["torch.script"])
    found = {d.consequence.value for d in report.diagnostics if d.code in ("THT508", "THT510") and d.unit == "Part"}
    assert found == {said}


@pytest.mark.parametrize(("given", "said"), [("0, 0.5", "error for other settings"), ("0, 1", "error")])
def test_an_int_that_only_some_instances_get_is_said_so(given: str, said: str) -> None:
    text = (
        "class Part(nn.Module):\n    def __init__(self, rate):\n        super().__init__()\n"
        "        self.drop = nn.Dropout(rate)\n\n    def forward(self, x):\n        return self.drop(x)\n\n\n"
        "class Whole(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        first, second = {}\n        self.parts = nn.ModuleList([Part({}), Part({})])\n\n"
        "    def forward(self, x):\n        for part in self.parts:\n            x = part(x)\n        return x\n"
    ).format(given, *given.split(", "))
    (report,) = check([Source("case.py", HEAD + text)], ["torch.script"])
    assert {d.consequence.value for d in report.diagnostics if d.code == "THT504"} == {said}


def test_a_type_of_a_device_is_one_that_a_property_may_have() -> None:
    text = module(
        "@property\ndef device(self) -> torch.device:\n    return self.fc.weight.device\n\n"
        "@property\ndef sizes(self) -> list[int]:\n    return [1]\n\ndef forward(self, x):\n    return self.fc(x)",
        "self.fc = nn.Linear(2, 2)",
    )
    assert "THT606" not in codes(text)
    assert "THT606" in codes(text.replace("list[int]", "list"))


@pytest.mark.parametrize(("made", "told"), [("", False), ("nn.Sequential(Part())", True), ("Part()", True)])
def test_a_default_that_nothing_reads_matters_to_compiled_callers_only(made: str, told: bool) -> None:
    text = "class Part(nn.Module):\n    def forward(self, x, mask=None):\n        return x * 2\n"
    if made:
        text += "\n\n" + module("def forward(self, x):\n    return self.part(x)", f"self.part = {made}")
    assert ("THT502" in codes(text)) is told


def test_names_and_attributes_that_go_by_one_another() -> None:
    text = module(
        "def forward(self, x):\n    a = b\n    b = a\n    made = self.made\n    return a(x.size()) + made(x.size())",
        init="made = self.made\nself.made = made",
    )
    assert codes(text, "torch.compile") == set()


def test_a_quotient_that_is_rounded_to_a_whole_number(tmp_path: Path) -> None:
    """``int(np.ceil(a / b))``: what ``int`` takes is one number, whatever ``b`` is said to be."""
    text = (
        "import numpy as np\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self, rows):\n        super().__init__()\n        self.rows = rows\n\n"
        "    def forward(self, x):\n        n = int(np.ceil(x.shape[0] / self.rows))\n"
        "        n += int(np.floor(x.size(1) / self.rows))\n"
        "        return torch.cat([part.mean(0) for part in x.chunk(n, 0)])\n"
    )
    (tmp_path / "before.py").write_text(HEAD + text)
    (tmp_path / "after.py").write_text(rewritten(text))
    script = (
        "import after, before, torch\n"
        "for rows in (2, 3, 7, 2.5):\n"
        "    x = torch.randn(10, 5)\n"
        "    net = after.Net(rows)\n"
        "    for one in (net, torch.jit.script(net)):\n"
        "        assert torch.equal(one(x), before.Net(rows)(x))\n"
    )
    run(tmp_path, script)
    for other in ("int(np.ceil(self.rows))", "np.ceil(x.shape[0] / self.rows)", "int(np.ceil(x / self.rows), 10)"):
        kept = text.replace("int(np.ceil(x.shape[0] / self.rows))", other)
        assert "math.ceil" not in rewritten(kept), other
