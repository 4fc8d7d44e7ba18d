"""What the examples of the rules become is taken by the compiler that they are for, and computes what it did before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.rules.registry import load

from .running import run

HERE = Path(__file__).parent


@pytest.mark.parametrize("target", ["torch.script", "torch.compile", "torch.export"])
def test_examples_are_compiled_and_equal(target: str) -> None:
    rows = [
        (f"{rule.code}-{number}", target, example.before, example.after)
        for rule in load("torch")
        for number, example in enumerate(rule.examples)
        if example.after is not None and target in (example.targets or rule.targets) and not example.unsafe
    ]
    assert rows
    done = subprocess.run(
        [sys.executable, str(HERE / "run_examples.py")], input=json.dumps(rows), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_norms_stay_what_they_are_when_a_module_is_scripted(tmp_path: Path) -> None:
    (rule,) = (rule for rule in load("torch") if rule.code == "THT610")
    for number, example in enumerate(rule.examples):
        (tmp_path / f"net_{number}.py").write_text(example.after or "")
    script = (
        "import net_0, net_1, torch\n"
        "from torch.nn.utils import remove_spectral_norm, remove_weight_norm\n"
        "for module, remove in ((net_0, remove_weight_norm), (net_1, remove_spectral_norm)):\n"
        "    net = module.Net().eval()\n"
        "    wanted = net(torch.ones(2, 3))\n"
        "    scripted = torch.jit.script(net)\n"
        "    remove(net.fc)\n"
        "    assert torch.allclose(net(torch.ones(2, 3)), wanted)\n"
        "    assert torch.allclose(scripted(torch.ones(2, 3)), wanted)\n"
        "    assert list(net.fc.state_dict()) == ['bias', 'weight']\n"
    )
    run(tmp_path, script)
