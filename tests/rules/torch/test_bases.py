"""What stands for ``super().forward`` of PyTorch's own modules computes what they compute, scripted and not."""

from __future__ import annotations

import json
from pathlib import Path

from transpile_hybrid.api import rewrite
from transpile_hybrid.rules.torch._bases import CALLS, METHODS
from transpile_hybrid.source.source import Source

from .running import run

IMAGE, ROWS, VOLUME = "torch.rand(2, 4, 8, 8)", "torch.rand(2, 4, 8)", "torch.rand(2, 4, 8, 8, 8)"
BY_RANK = {"1": ROWS, "2": IMAGE, "3": VOLUME}
PROBABLE = "torch.rand(3, 5)"

# what the constructor takes, for those that need something
ARGUMENTS = {
    "Linear": "8, 3",
    "Bilinear": "8, 8, 3",
    "LayerNorm": "8",
    "GroupNorm": "2, 4",
    "Embedding": "9, 3, padding_idx=1",
    "Softmax": "1",
    "LogSoftmax": "1",
    "Upsample": "scale_factor=2, mode='nearest'",
    "PixelShuffle": "2",
    "PixelUnshuffle": "2",
    **{f"Conv{n}d": "4, 3, 3, padding=1" for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": "4, 3, 3, stride=2, output_padding=1" for n in (1, 2, 3)},
    **{f"{kind}Pool{n}d": "3, stride=2, padding=1" for kind in ("Max", "Avg") for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{n}d": "2" for kind in ("Avg", "Max") for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": "4, momentum=None" for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": "4, affine=True, track_running_stats=True" for n in (1, 2, 3)},
}
GIVEN = {
    "Embedding": "torch.tensor([[1, 2], [3, 8]])",
    "Bilinear": "torch.rand(2, 8), torch.rand(2, 8)",
    "KLDivLoss": f"{PROBABLE}.log(), {PROBABLE}",
    "NLLLoss": f"{PROBABLE}.log(), torch.tensor([0, 4, 2])",
    "CrossEntropyLoss": f"{PROBABLE}, torch.tensor([0, 4, 2])",
}

TEMPLATE = """
class Of{name}(nn.{name}):
    def forward(self, {names}):
        y = super().forward({names})
        return y
"""

SCRIPT = """
import copy, json, sys, warnings
warnings.simplefilter("ignore")
import torch
from torch import nn
import rewritten

for name, arguments, given in json.load(open("cases.json")):
    torch.manual_seed(0)
    plain = eval(f"nn.{name}({arguments})")
    torch.manual_seed(0)
    ours = eval(f"rewritten.Of{name}({arguments})")
    scripted = torch.jit.script(copy.deepcopy(ours))
    for training in (True, False):
        values = eval(f"({given},)")
        results = []
        for module in (plain, ours, scripted):
            module.train(training)
            torch.manual_seed(1)
            results.append(module(*values))
        for result in results[1:]:
            torch.testing.assert_close(result, results[0], rtol=0, atol=0)
        for module in (ours, scripted):
            torch.testing.assert_close(dict(module.state_dict()), dict(plain.state_dict()), rtol=0, atol=0)
    print(name)
"""


def _given(name: str, count: int) -> str:
    if name in GIVEN:
        return GIVEN[name]
    if count == 2:
        return f"{PROBABLE}, {PROBABLE}"
    rank = name[-2] if name[-1] == "d" else ""
    return BY_RANK.get(rank, IMAGE)


def test_every_base_class_is_written_out_as_it_computes(tmp_path: Path) -> None:
    """Each class of the tables derives from PyTorch's, is rewritten, and agrees with it, its state too."""
    cases, classes = [], []
    for name in (*CALLS, *METHODS):
        count = CALLS[name].count("{}") if name in CALLS else 1
        cases.append((name, ARGUMENTS.get(name, ""), _given(name, count)))
        classes.append(TEMPLATE.format(name=name, names=", ".join(("x", "y", "z")[:count])))
    text = "import torch\nfrom torch import nn\n\n" + "\n".join(classes)
    (report,) = rewrite([Source("rewritten.py", text)], ["torch.script"])
    assert report.result is not None, report.internal or report.error
    after = report.result.after.text
    assert after.count("super()") == len(METHODS)  # in Python those go on asking it
    (tmp_path / "rewritten.py").write_text(after)
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    assert run(tmp_path, SCRIPT).split() == [name for name, _, _ in cases]
