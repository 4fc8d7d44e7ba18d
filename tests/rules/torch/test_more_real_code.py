"""More cases that came up on real code: what is rewritten, run where TorchScript's answer counts, and what is left."""

from __future__ import annotations

from typing import Any

import pytest

from .running import run
from .test_found_on_real_code import HEAD, codes, module, rewritten


def test_a_rounded_quotient_of_sizes_and_settings_is_math() -> None:
    text = "import numpy as np\n" + module(
        "def forward(self, x):\n    return x.chunk(int(np.ceil(x.shape[0] / self.rows)), 0)[0]", "self.rows = a"
    )
    settled = text.replace("a=None", "a: int = 128")
    assert "int(math.ceil(x.shape[0] / self.rows))" in rewritten(settled)
    assert "np.ceil" in rewritten(settled.replace("/ self.rows", "/ x"))


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("f'{x.dim()} in {NAME}'", "f'{x.dim()} in {\"plain\"}'"),
        ('f"{x.dim()} in {NAME}"', "f\"{x.dim()} in {'plain'}\""),
        ("f'{x.dim()} in \"{NAME}\"'", "f'{x.dim()} in \"{NAME}\"'"),
    ],
)
def test_a_literal_in_an_f_string_has_other_quotes(message: str, wanted: str) -> None:
    said = f"def forward(self, x):\n    self.say({message})\n    return x\n\ndef say(self, text: str):\n    pass"
    text = module(said)
    assert wanted in rewritten("NAME = 'plain'\n\n\n" + text)


def test_a_parameter_that_gets_a_new_value_where_it_is_handed_on_tells_no_type() -> None:
    text = module(
        "def forward(self, x, hidden=None):\n    x, hidden = self.rnn(x, hidden)\n    return x, hidden\n\n"
        "def step(self, x, hidden):\n    x, hidden = self.forward(x, hidden)\n    return x.numpy(), hidden",
        "self.rnn = nn.LSTM(3, 3)",
    )
    assert "hidden: Optional[Tuple[torch.Tensor, torch.Tensor]] = None" in rewritten(text)
    other = text.replace("x, hidden = self.forward", "hidden = x.relu()\n        x, hidden = self.forward")
    assert "Tuple" not in rewritten(other)


def test_a_list_that_is_joined_to_known_items_is_one_of_them() -> None:
    text = module(
        "def forward(self, x):\n    sizes = []\n    for n in x.shape[-2:]:\n        sizes.append(n + self.pad)\n"
        "    return x.new_zeros([x.shape[0], self.pad] + sizes)",
        "self.pad = a",
    )
    assert "sizes: List[int] = []" in rewritten(text)
    assert "sizes = []" in rewritten(text.replace("[x.shape[0], self.pad]", "[self.pad, self.pad]"))


GROWN = """\
def forward(self, x):
    outs = []
    for i, (layer, norm) in enumerate(zip(self.layers, self.norms)):
        x = norm(layer(x))
        outs.append(x + i)
    outs.append(outs[-1] * len(outs))
    return tuple(outs)"""


def test_a_tuple_of_a_list_that_grows_in_loops_over_modules_grows_itself(tmp_path: Any) -> None:
    init = "self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])\n"
    init += "self.norms = nn.ModuleList([nn.LayerNorm(4) for _ in range(2)])"
    text = module(GROWN, init)
    after = rewritten(text)
    assert "outs = outs + (x + i,)" in after and after.rstrip().endswith("return outs")
    (tmp_path / "before.py").write_text(HEAD + text)
    (tmp_path / "after.py").write_text(after)
    run(
        tmp_path,
        """
import torch, before, after
x = torch.randn(2, 4)
old, new = before.Net(), after.Net()
new.load_state_dict(old.state_dict())
for net in (new, torch.jit.script(new)):
    assert type(net(x)) is tuple and all(torch.equal(a, b) for a, b in zip(old(x), net(x), strict=True))
""",
    )
    for old, other in (
        ("outs.append(outs[-1]", "if x.dim() > 1:\n        outs.append(outs[-1]"),
        ("return tuple(outs)", "kept = outs\n    return tuple(outs), kept"),
        ("return tuple(outs)", "return tuple(outs), outs[1:]"),
        ("return tuple(outs)", "return tuple(outs) if self.flag else outs"),
        ("outs = []", "outs = [x]"),
        ("outs.append(x + i)", "outs.extend([x, x])"),
        ("enumerate(zip(self.layers, self.norms))", "enumerate(self.pairs())"),
    ):
        assert "outs + (" not in rewritten(module(GROWN.replace(old, other), init)), other


def test_a_module_that_is_asked_for_by_name_through_getattr() -> None:
    text = module(
        "def forward(self, x):\n    for i in range(1, 3):\n        x = self.__getattr__('block{}'.format(i))(x)\n"
        "    return x",
        "for i in range(1, 3):\n    self.add_module('block{}'.format(i), nn.Linear(3, 3))",
    )
    assert "x = self.block1(x)\n        x = self.block2(x)" in rewritten(text)
    for old, new in (
        ("'block{}'.format(i))(x)", "self.name + str(i))(x)"),  # it may be a method's name
        ("    return x\n", "    return x\n\n    def block1(self, x):\n        return x\n"),
        ("    return x\n", "    return x\n\n    def __getattr__(self, name):\n        return None\n"),
    ):
        other = text.replace(old, new)
        assert other != text
        assert "self.__getattr__(" in rewritten(other) and "THT612" in codes(other)


BIASED = """\
class Own(nn.Conv2d):
    def forward(self, x):
        y = F.conv2d(x, self.weight, self.bias, self.stride, self.padding)
        if self.bias is not None:
            y = y * self.bias.shape[0] + (self.bias - 1).view(1, -1, 1, 1)
        return y
"""


def test_the_bias_of_a_convolution_is_optional_to_torchscript(tmp_path: Any) -> None:
    after = rewritten(BIASED)
    assert "bias = self.bias\n            assert bias is not None\n" in after
    (tmp_path / "before.py").write_text(HEAD + BIASED)
    (tmp_path / "after.py").write_text(after)
    run(
        tmp_path,
        """
import torch, before, after
x = torch.randn(2, 3, 5, 5)
for bias in (False, True):
    old, new = (one.Own(3, 4, 3, bias=bias) for one in (before, after))
    new.load_state_dict(old.state_dict())
    assert torch.equal(old(x), new(x)) and torch.equal(old(x), torch.jit.script(new)(x))
""",
    )
    linear = "class Own(nn.Linear):\n    def forward(self, x):\n        return x + self.bias.shape[0]\n"
    assert rewritten(linear) == HEAD + linear


AGAIN = """\
def forward(self, x, more: bool = True):
    for i, layer in enumerate(self.first):
        x = layer(x) + i
    if more:
        for layer in self.second:
            x = layer(x)
        if x.dim() > 1:
            for layer in self.first:
                x = layer(x)
    return x"""


def test_a_module_s_name_in_a_branch_is_its_own(tmp_path: Any) -> None:
    init = "".join(f"self.{name} = nn.ModuleList([nn.Linear(3, 3)])\n" for name in ("first", "second"))
    text = module(AGAIN, init)
    after = rewritten(text)
    assert "layer_2 in self.second" in after and "layer_3 in self.first" in after
    (tmp_path / "before.py").write_text(HEAD + text)
    (tmp_path / "after.py").write_text(after)
    run(
        tmp_path,
        """
import torch, before, after
x, old, new = torch.randn(2, 3), before.Net(), after.Net()
new.load_state_dict(old.state_dict())
for more in (False, True):
    assert torch.equal(old(x, more), new(x, more)) and torch.equal(old(x, more), torch.jit.script(new)(x, more))
""",
    )
    for old, other, told in (
        ("    return x", "    return layer(x)", True),
        ("if more:", "if self.second is not None:", True),
        ("    if more:\n        for layer in self.second:\n            x = layer(x)\n", "    if more:\n", True),
        ("        if x.dim() > 1:\n            for layer in self.first:\n                x = layer(x)\n", "", True),
        (AGAIN[AGAIN.index("    if more") :], "    for layer in self.second:\n        x = layer(x)\n", False),
        ("layer in self.second", "layer in range(2)", True),
    ):
        changed = AGAIN.replace(old, other)
        assert changed != AGAIN
        assert ("THT637" in codes(module(changed, init))) is told, other
    assert "layer_2" not in rewritten(module(AGAIN.replace("    return x", "    return layer(x)"), init))


def test_a_parameter_without_a_type_does_not_speak_against_what_other_calls_give() -> None:
    init = "    def __init__(self):\n        super().__init__()\n        self.up = Up()\n\n"
    text = (
        "class Up(nn.Module):\n    def forward(self, x, size):\n        return F.interpolate(x, size=size)\n\n\n"
        f"class Net(nn.Module):\n{init}    def forward(self, x):\n        return self.up(x, [x.size(2), 4])\n\n\n"
        f"class Other(nn.Module):\n{init}    def forward(self, x, size):\n        return self.up(x, HERE)\n"
    )
    for given, typed in (("size", True), ("size + x", False), ("x.relu()", False)):
        assert ("size: List[int]" in rewritten(text.replace("HERE", given))) is typed, given
    product = text.replace("F.interpolate(x, size=size)", "x * size").replace("[x.size(2), 4]", "2.0")
    after = rewritten(product.replace("HERE", "size"))
    assert "def forward(self, x, size):\n        return x * size" in after  # it may well be a tensor


REBOUND = """
import torch
from torch import nn


class Split(nn.Module):
    def forward(self, x):
        y = x * 2
        return x, y


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.split = Split()

    def forward(self, x):
        x, y = self.split(x)
        return x, y


class Decoder(nn.Module):
    def forward(self, x):
        x, y = x
        return x + y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, x):
        x = self.encoder(x)
        return self.decoder(x)
"""


def test_what_a_name_is_used_for_after_it_got_another_value_tells_nothing_of_the_parameter() -> None:
    after = rewritten(REBOUND)
    assert after.count("x: Tuple[torch.Tensor, torch.Tensor]") == 1, "the decoder's alone"


MAYBE_NONE = """
from typing import Optional

import torch
from torch import nn


class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        x = self.fc(x)
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()

    def forward(self, x, more: Optional[torch.Tensor] = None):
        return self.inner(more)
"""


def test_what_needs_a_tensor_is_not_annotated_as_optional() -> None:
    assert "x: Optional" not in rewritten(MAYBE_NONE)
    asked = MAYBE_NONE.replace("        x = self.fc(x)\n", "        if x is None:\n            return torch.zeros(3)\n")
    assert "x: Optional[torch.Tensor]" in rewritten(asked)
