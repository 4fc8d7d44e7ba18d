"""Stars on lists and modules built in ``forward``: forms beyond the rules' own examples, run by TorchScript."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import run
from .test_left_alone import codes, net, rewritten

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\nfrom torch.nn.utils import weight_norm\n"

FORMS = {
    "star_in_the_middle": "b, c, *_, w = x.shape\nreturn x.view(b, c, -1, w)",
    "middle_is_read": "b, c, *mid, w = x[None].shape\nreturn x.reshape([b * c, *mid] + [w])",
    "several_beside_a_star": "b, n, _, h, dev = *x.shape, 2, x.device\nreturn x.view(b, n, h, -1).to(dev)",
    "stars_on_both_sides": "b, c, *_, h = *x.shape, 2\nreturn x.view(b, c, h, -1)",
    "star_last_among_values": "b, h, w = x.shape[0], *x.shape[-2:]\nreturn x.view(b, h, w)",
    "nothing_but_a_star": "*sizes, = x.shape\nreturn x.view([*sizes, 1])",
    "display_is_indexed": "n = [*x.shape[:-1], 1][0] * 2\nm = (*x.shape[:-1], 1)[0]\nreturn x + n + m",
    "asked_for_once": "first, *_ = torch.split(x, 1, dim=1)\nreturn first",
    "two_modules_in_turn": "act = nn.ReLU()\nx = act(x) + act(x + 1)\nact = nn.Tanh()\nreturn act(x)",
    "module_called_below": "soft = nn.Softmax(dim=-1)\nif x.size(0) > 1:\n    x = soft(x)\nreturn soft(x)",
}


def test_rewritten_forms_are_scripted_and_equal(tmp_path: Path) -> None:
    for name, forward in FORMS.items():
        text = rewritten(net(forward))
        assert text != net(forward), name
        (tmp_path / f"{name}.py").write_text(text)
        (tmp_path / f"{name}_before.py").write_text(net(forward))
    script = (
        "import importlib, sys, torch\n"
        "x = torch.randn(2, 3, 4)\n"
        "for name in sys.argv[1:]:\n"
        "    before, after = (importlib.import_module(name + end).Net() for end in ('_before', ''))\n"
        "    for one in (after, torch.jit.script(after)):\n"
        "        assert torch.equal(one(x), before(x)), name\n"
    )
    run(tmp_path, script, *FORMS)


@pytest.mark.parametrize(
    "forward",
    [
        "a, *rest = torch.split(x, 1, dim=1)\nreturn torch.cat([a, rest[0]], dim=1)",  # would be split twice
        "shape = b, *rest = x.shape\nreturn x.view(b, -1)",
        "first, *rest = [x, x + 1, x + 2]\nreturn first + rest[0]",
    ],
)
def test_a_star_that_cannot_be_written_otherwise_is_told(forward: str) -> None:
    text = net(forward)
    assert "THT519" in codes(text)
    assert rewritten(text) == text


def test_stars_on_tuples_are_no_finding() -> None:
    assert "THT519" not in codes(net("pair = (x, x + 1)\na, *b = pair\nreturn a + torch.cat([*pair, *b])"))


def test_more_targets_than_items_is_no_crash() -> None:
    assert "THT519" not in codes(net("pair = (x,)\na, b, *c = pair\nreturn a + b"))


@pytest.mark.parametrize(
    "forward",
    [
        "act = nn.ReLU()\nif x.size(0) == 7:\n    act = nn.Tanh()\nreturn act(x)",
        "p = 0.5\ndrop = nn.Dropout(p)\np = p * 0\nreturn drop(x)",
        "for i in range(3):\n    if i > 0:\n        x = act(x)\n    act = nn.ReLU()\nreturn x",
        "act = nn.ReLU()\nself.kept = act\nreturn act(x)",
        "self.slope = 0.1\nact = nn.LeakyReLU(self.slope)\nself.slope = 0.2\nreturn act(x)",
    ],
)
def test_a_module_that_may_be_another_one_by_then_is_left(forward: str) -> None:
    text = net(forward, "self.slope = 0.1\nself.kept = None")
    assert not any(f"F.{name}(" in rewritten(text) for name in ("relu", "dropout", "leaky_relu", "tanh"))
    assert "THT601" in codes(text)


def test_weight_norm_over_the_whole_weight(tmp_path: Path) -> None:
    init = "self.fc = nn.Sequential(weight_norm(nn.Linear(4, 4), dim=None), weight_norm(nn.Linear(4, 3)))"
    text = rewritten(net("return self.fc(x)", init).replace("from torch import nn\n", HEAD.partition("\n")[2]))
    (tmp_path / "net.py").write_text(text)
    script = (
        "import torch\n"
        "from net import Net\n"
        "model, x = Net(), torch.randn(2, 4)\n"
        "assert torch.allclose(torch.jit.script(model)(x), model(x))\n"
    )
    run(tmp_path, script)


def test_globals_set_side_by_side_and_negative_ones() -> None:
    text = "AXIS, POWER = -1, 2\nEPS = -0.5\nsmall = 1e-6\n" + net("return x.sum(AXIS) ** POWER + EPS ** 2 + small")
    after = rewritten(text)
    assert "x.sum(-1) ** 2 + (-0.5) ** 2 + 1e-6" in after
    assert "THT511" not in codes(after)


def test_a_helper_of_several_lines_has_the_files_newlines() -> None:
    """A statement of several lines that a rule writes ends them as the file does."""
    text = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def forward(self, x: torch.Tensor, *args, **kwargs):\n        return x + 1\n"
    )
    plain = rewritten(text)
    assert "_stars = [\n" in plain
    assert rewritten(text.replace("\n", "\r\n")) == plain.replace("\n", "\r\n")
