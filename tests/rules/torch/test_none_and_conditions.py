"""Values that may be ``None``, and conditions that TorchScript can't ask."""

from __future__ import annotations

import pytest

from tests.rules.torch.test_found_on_real_code import HEAD, codes, module, rewritten

FROM = "from typing import Optional\n\n"
ACT = "def forward(self, x):\n    if self.act:\n        x = self.act(x)\n    return x"


def in_function(parameters: str, body: str, call: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"def work(x, {parameters}):\n{lines}\n\n" + module(f"def forward(self, x):\n    return work(x, {call})")


def test_a_call_that_may_be_none_is_decided_at_construction() -> None:
    after = rewritten(module(ACT, "self.act = a"))
    assert "self._with_act = bool(self.act)" in after
    assert "if self._with_act:\n            x = self.act(x)" in after


@pytest.mark.parametrize(
    "more",
    [
        "def fuse(net):\n    net.act = None\n",
        "class Other(Net):\n    def __init__(self):\n        super().__init__()\n        self.act = None\n",
    ],
)
def test_it_is_not_where_something_else_sets_it(more: str) -> None:
    assert "_with_act" not in rewritten(module(ACT, "self.act = a") + f"\n\n{more}")


def test_what_is_filled_later_is_asked_for_its_length() -> None:
    text = module(ACT, 'self.act = nn.Sequential()\nself.act.add_module("last", nn.ReLU())')
    assert "if len(self.act) > 0:" in rewritten(text)


@pytest.mark.parametrize("value", ["self.down or x", "self.down and x"])
def test_a_module_that_is_a_value_is_not_made_a_condition(value: str) -> None:
    text = module(f"def forward(self, x):\n    f = {value}\n    return x", "self.down = nn.ReLU() if flag else None")
    assert value in rewritten(text)


def test_a_list_that_grows_is_not_asked_at_construction() -> None:
    text = module(
        "def forward(self, x):\n    if self.names:\n        x = x + 1\n    return x", "self.names = list(a or ())"
    )
    assert "_with_names" not in rewritten(text)


def test_a_rate_that_is_none_in_some_instances_is_asked_each_time() -> None:
    forward = "def forward(self, x):\n    if self.rate == 0.0:\n        return x\n    return x * self.rate"
    after = rewritten(module(forward, "self.rate = a"))
    assert "if (self.rate == 0.0 if self.rate is not None else False):" in after
    assert "assert self.rate is not None\n        return x * self.rate" in after
    assert "_rate" not in after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if n:\n    x = x + n", "if n is not None and bool(n):"),
        ("if not n:\n    return x", "if not (n is not None and bool(n)):"),
        ("if n == 3 and x.dim() > 1:\n    return x", "if (n is not None and n == 3) and x.dim() > 1:"),
        ("if n != 3:\n    return x", "if n is None or n != 3:"),
        ("if n in (1, 2):\n    return x", "if n is not None and n in (1, 2):"),
        ("n = n or 4", "n = n if n is not None and bool(n) else 4"),
        ("y = x + (n or 4)", "y = x + (n if n is not None and bool(n) else 4)"),
        ("while n:\n    n = None", "while n is not None and bool(n):"),
    ],
)
def test_optional_variables(before: str, after: str) -> None:
    lines = "".join(f"    {line}\n" for line in before.splitlines())
    text = FROM + module(f"def forward(self, x, n: Optional[int] = None):\n{lines}    return x")
    assert after in rewritten(text)


@pytest.mark.parametrize("before", ["n = n and 4", "y = [n or k for k in (1, 2)]\nx = x + y[0]", "n = g(n) or 4"])
def test_optional_variables_left_alone(before: str) -> None:
    lines = "".join(f"    {line}\n" for line in before.splitlines())
    text = "g = len\n" + FROM + module(f"def forward(self, x, n: Optional[int] = None):\n{lines}    return x")
    after = rewritten(text)
    assert before.splitlines()[0] in after or "n if n is not None and bool(n) else k" in after


def test_what_is_compared_with_a_text_is_a_text() -> None:
    text = module('def forward(self, x, how=None):\n    if how == "sum":\n        x = x.sum()\n    return x')
    assert "how: Optional[str] = None" in rewritten(text)
    text = module('def forward(self, x, how=None):\n    assert how in (None, "sum", "mean")\n    return x')
    assert "how: Optional[str] = None" in rewritten(text)


def test_a_number_that_a_caller_may_not_have() -> None:
    body = "if rate == 0.0:\n    return x\nkeep = 1 - rate\nreturn x * keep"
    text = in_function("rate: float = 0.0", body, "self.rate").replace(
        "super().__init__()\n", "super().__init__()\n        self.rate = a\n"
    )
    after = rewritten(text)
    assert "rate: Optional[float] = 0.0" in after
    assert "assert rate is not None\n    keep = 1 - rate" in after
    given = text.replace("return x * keep", "return F.dropout(x, rate)")  # it can't bear None
    assert "Optional" not in rewritten(given)


def test_a_parameter_without_annotation_is_no_evidence() -> None:
    text = (
        in_function("n", "return more(x, n)", "3") + "\n\ndef more(x, n):\n    return x * sum([k for k in range(n)])\n"
    )
    after = rewritten(text)
    assert "def work(x, n: int):" in after
    assert "def more(x, n: int):" in after


def test_what_is_counted_to_is_an_int() -> None:
    text = module("def forward(self, x, n):\n    for k in range(1, n + 1):\n        x = x * k\n    return x")
    assert "def forward(self, x, n: int):" in rewritten(text)
    text = module("def forward(self, x, n):\n    for k in range(n):\n        x = x * k\n    return x @ n")
    assert "n: int" not in rewritten(text)


@pytest.mark.parametrize(
    ("default", "kind"),
    [
        ("2 ** 0.5", "float"),
        ("1 / 3", "float"),
        ("2 * 3", "int"),
        ("7 // 2", "int"),
        ("2 ** 3", "int"),
        ("2 ** -1", "float"),
    ],
)
def test_defaults_that_are_worked_out(default: str, kind: str) -> None:
    assert f"k: {kind} = {default}" in rewritten(module(f"def forward(self, x, k={default}):\n    return x * k"))


@pytest.mark.parametrize("default", ["(-2) ** 0.5", "2 ** (1 - 2)"])
def test_defaults_of_which_the_type_hangs_on_the_value(default: str) -> None:
    assert f"k={default}" in rewritten(module(f"def forward(self, x, k={default}):\n    return x * k"))


def test_none_for_a_tensor() -> None:
    asked = module("def forward(self, x, y: torch.Tensor = None):\n    return x if y is None else x * y")
    assert "y: Optional[torch.Tensor] = None" in rewritten(asked)
    needed = module("def forward(self, x, y: torch.Tensor = None):\n    return x * y")
    assert rewritten(needed) == HEAD + needed
    assert "THT517" not in codes(needed)


def test_none_for_a_tensor_that_is_handed_on() -> None:
    inner = "    def forward(self, x, y: torch.Tensor = None):\n        return x if y is None else x * y\n\n\n"
    outer = module("def forward(self, x, y: torch.Tensor = None):\n    return self.inner(x, y)", "self.inner = Inner()")
    text = f"class Inner(nn.Module):\n{inner}{outer}"
    assert rewritten(text).count("y: Optional[torch.Tensor] = None") == 2


def test_a_long_forward_is_not_doubled_for_its_keywords() -> None:
    lines = "    x = x + 1\n" * 9
    text = module(f"def forward(self, x, **kwargs):\n{lines}    return self.fn(x, **kwargs)", "self.fn = a")
    assert "or_with_keywords" not in rewritten(text)
    assert "THT501" in codes(text)


def test_keywords_that_are_used_are_not_dropped() -> None:
    text = module("def forward(self, x, **kwargs):\n    return self.fn(x, **kwargs) * len(kwargs)", "self.fn = a")
    assert rewritten(text) == HEAD + text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("k = n or 3\nreturn x * k", "k = n if n else 3"),
        ("return x * (n and 3)", "x * (3 if n else n)"),
        ("return x + (n or 3) * 2", "x + (n if n else 3) * 2"),
    ],
)
def test_what_or_gives_is_no_bool(before: str, after: str) -> None:
    lines = "".join(f"    {line}\n" for line in before.splitlines())
    assert after in rewritten(module(f"def forward(self, x, n: int = 2):\n{lines}"))


@pytest.mark.parametrize("expression", ["self.f(x) or x", "n or x.size(0) or 1"])
def test_what_or_gives_is_only_reported_where_it_is_worked_out(expression: str) -> None:
    text = module(
        f"def f(self, x):\n    return x.size(0)\n\ndef forward(self, x, n: int = 2):\n    return {expression}"
    )
    assert expression in rewritten(text)
    assert "THT518" in codes(text)


def test_none_or_a_number_is_a_number() -> None:
    text = module("def forward(self, x):\n    return x * self.scale", "self.scale = a or 2.0")
    assert rewritten(text) == HEAD + text
