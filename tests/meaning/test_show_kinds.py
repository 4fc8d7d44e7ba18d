# ruff: noqa: E501
"""``check --show-kinds FILE``."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from transpile_hybrid.cli.check import command


def test_a_file_is_printed_with_its_kinds(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(
        "import torch.nn as nn\nclass Own(nn.Module):\n    def forward(self, x):\n        return x.mean(), 1\n"
    )
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\nfrom layers import Own\n\nclass Net(Own):\n    def run(self, x: torch.Tensor):\n        a, b = self(x)\n        return a\n"
    )
    done = CliRunner().invoke(command, ["--show-kinds", str(file)])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert len(lines) == 7 and lines[0] == "1  import torch"
    assert (
        lines[5].split("#")[1].strip() == "a: tensor[0d]; b: int = 1"
        or lines[5].split("#")[1].strip() == "b: int = 1; a: tensor[0d]"
    )


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (:\n")
    for name in ("broken.py", "missing.py"):
        done = CliRunner().invoke(command, ["--show-kinds", str(tmp_path / name)])
        assert done.exit_code == 2
        assert name in done.output
