"""Modules that are built where they are called: the functions in their place compute the same, scripted and not."""

from __future__ import annotations

import json
from pathlib import Path

from transpile_hybrid.api import rewrite
from transpile_hybrid.rules.torch.tht601_module_in_forward import _FUNCTIONS, _PADS
from transpile_hybrid.source.source import Source

from .running import run

# what is built, where it needs something, and the tensors that it is called with, where they are not one of images
ARGUMENTS = {
    **dict.fromkeys(("Softmax", "LogSoftmax", "Softmin", "GLU"), "1"),
    **dict.fromkeys(("LeakyReLU", "Hardshrink", "Softshrink", "ELU", "CELU"), "0.3"),
    **{f"{kind}Pool{n}d": "3, 2, 1" for kind in ("Avg", "Max") for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{n}d": "2" for kind in ("Avg", "Max") for n in (1, 2, 3)},
    "Threshold": "0.5, 2.0",
    "Upsample": "scale_factor=2",
    "Unfold": "3, 1, 1, 2",
    "Fold": "(8, 8), 3, padding=1",
    "PixelShuffle": "2",
    "PixelUnshuffle": "2",
    "HuberLoss": "reduction='sum'",
    "MarginRankingLoss": "margin=0.5",
    "TripletMarginLoss": "margin=0.5",
    **{f"{kind}{n}d": "1" for kind in _PADS for n in (1, 2, 3)},
    **{f"ConstantPad{n}d": "1, 2.0" for n in (1, 2, 3)},
}
BY_RANK = {"1": "torch.randn(2, 4, 8)", "2": "torch.randn(2, 4, 8, 8)", "3": "torch.randn(2, 4, 4, 4, 4)"}
PAIR = "torch.rand(3, 5), torch.rand(3, 5)"
CLASSES = "torch.rand(3, 5).log(), torch.tensor([0, 4, 2])"
GIVEN = {
    "Fold": "torch.randn(2, 36, 64)",
    "NLLLoss": CLASSES,
    "CrossEntropyLoss": CLASSES,
    "MarginRankingLoss": "torch.rand(6), torch.rand(6), torch.ones(6)",
    "CosineEmbeddingLoss": "torch.rand(3, 5), torch.rand(3, 5), torch.ones(3)",
    "TripletMarginLoss": f"{PAIR}, torch.rand(3, 5)",
    **dict.fromkeys(("CosineSimilarity", "PairwiseDistance"), PAIR),
}

SCRIPT = """
import json, warnings
warnings.simplefilter("ignore")
import torch
import after, before

for name, given in json.load(open("cases.json")):
    torch.manual_seed(0)
    values = eval(f"({given},)")
    results = []
    for module in (getattr(before, name)(), getattr(after, name)(), torch.jit.script(getattr(after, name)())):
        torch.manual_seed(1)
        results.append(module(*values))
    for result in results[1:]:
        torch.testing.assert_close(result, results[0], rtol=0, atol=0)
    print(name)
"""


def _given(name: str) -> str:
    if name in GIVEN or name.endswith("Loss"):
        return GIVEN.get(name, PAIR)
    return BY_RANK.get(name[-2] if name.endswith("d") else "", BY_RANK["2"])


def test_every_function_computes_what_its_module_does(tmp_path: Path) -> None:
    names = [*_FUNCTIONS, *(f"{kind}{n}d" for kind in _PADS for n in (1, 2, 3))]
    text, cases = "import torch\nfrom torch import nn\n", []
    for name in names:
        given = _given(name)
        count = given.count("torch.")
        parameters = ", ".join(("x", "y", "z")[:count])
        text += f"\n\nclass Of{name}(nn.Module):\n    def forward(self, {parameters}):\n"
        text += f"        return nn.{name}({ARGUMENTS.get(name, '')})({parameters})\n"
        cases.append((f"Of{name}", given))
    (report,) = rewrite([Source("before.py", text)], ["torch.script"])
    assert report.result is not None, report.internal or report.error
    assert "(x)(" not in report.result.after.text
    (tmp_path / "before.py").write_text(text)
    (tmp_path / "after.py").write_text(report.result.after.text)
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    assert run(tmp_path, SCRIPT).split() == [name for name, _ in cases]
