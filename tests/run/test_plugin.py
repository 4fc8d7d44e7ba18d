"""Rules of another package: the example in ``docs/`` works as its page says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example_plugin"
CODE = "import sys; from transpile_hybrid.cli.main import main; sys.argv[0] = 'transpile-hybrid'; main()"


def install(folder: Path, module: str = "acme_rules.acme101_legacy_block") -> Path:
    """Make what an installer makes: the metadata with the entry point, beside the package."""
    site = folder / "plugins"
    info = site / "acme_rules-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[transpile_hybrid.rules]\nacme = {module}\n")
    return site


def call(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(site), str(EXAMPLE / "src"), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([sys.executable, "-c", CODE, *words], env=env, capture_output=True, text=True, check=False)


NET = """import torch
from acme.ops import legacy_relu


class Net(torch.nn.Module):
    def forward(self, x):
        return legacy_relu(x)
"""


def test_a_plugins_rule_is_one_of_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "net.py").write_text(NET)
    site = install(tmp_path)
    ran = call(site, "check", "net.py", "--select", "ACME", "--output-format", "concise")
    assert ran.returncode == 1 and ran.stdout == "net.py:7:16: ACME101 [*] `legacy_relu` is written in NumPy\n"
    assert "ACME101 legacy-relu" in call(site, "explain", "acme101").stdout
    assert call(site, "rewrite", "--select", "ACME", "net.py").returncode == 0
    assert (tmp_path / "net.py").read_text() == NET.replace("return legacy_relu", "return torch.relu")
    assert "acme" in (EXAMPLE / "pyproject.toml").read_text()


def test_a_plugin_that_cannot_be_loaded_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    ran = call(install(tmp_path, "acme_rules.missing"), "check", "net.py", "--no-cache")
    assert ran.returncode == 2 and "plugin 'acme' (acme_rules.missing): ModuleNotFoundError" in ran.stderr
    assert "Traceback" not in ran.stderr
