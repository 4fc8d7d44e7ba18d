"""A real headless Neovim on the real server: diagnostics, a quick fix, fix all, and the file that `rewrite` gives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.source.source import Source

ROOT = Path(__file__).parents[2]
NEOVIM = shutil.which("nvim", path=os.path.dirname(sys.executable)) or shutil.which("nvim")

TEXT = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, scale=2.0, mask=None):
        b, *_ = x.shape  # 𝛼 the batch
        x = self.fc(x) * scale
        if mask != None:
            x = x * mask
        return x.view(b, -1)
"""
LOOK = """\
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 50)
for _, one in ipairs(vim.diagnostic.get(0)) do print(one.code .. "\\n") end
vim.cmd("quitall!")
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_headless_neovim(tmp_path: Path, newline: str) -> None:
    assert NEOVIM is not None, "the extra `dev` brings one where there is a wheel; elsewhere install Neovim"
    file = tmp_path / "net.py"
    text = TEXT.replace("\n", newline)
    file.write_bytes(text.encode())
    (tmp_path / "pyproject.toml").write_text('[tool.transpile-hybrid]\ntarget = ["torch.script"]\n')
    done = subprocess.run(
        [NEOVIM, "--headless", "--clean", "-u", "NONE", "-c", f"luafile {ROOT / 'editors/neovim/check.lua'}"],
        env=os.environ | {"SERVER": f"{sys.executable} -m transpile_hybrid server", "FILE": str(file)},
        capture_output=True, text=True, timeout=240, cwd=tmp_path, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    (before,) = check([Source("net.py", text)], ["torch.script"])
    assert f"diagnostics: {len(before.diagnostics)}\n" in said and "quick fix: " in said and "after fix all: 0" in said
    (report,) = rewrite([Source("net.py", text)], ["torch.script"])
    assert report.result is not None
    assert file.read_bytes().decode() == report.result.after.text


def test_the_documented_set_up(tmp_path: Path) -> None:
    """The page's own `init.lua` for today's Neovim starts the server for a Python file."""
    assert NEOVIM is not None
    page = (ROOT / "docs/editors.md").read_text(encoding="utf-8").partition("## Neovim")[2]
    (tmp_path / "init.lua").write_text(page.partition("```lua\n")[2].partition("```")[0])
    (tmp_path / "look.lua").write_text(LOOK)
    (tmp_path / "net.py").write_text(TEXT)
    (tmp_path / "pyproject.toml").write_text('[tool.transpile-hybrid]\ntarget = ["torch.script"]\n')
    done = subprocess.run(
        [NEOVIM, "--headless", "-u", "init.lua", "net.py", "-c", "luafile look.lua"],
        env=os.environ | {"PATH": f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=240, cwd=tmp_path, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    (report,) = check([Source("net.py", TEXT)], ["torch.script"])
    said = (done.stdout + done.stderr).split()
    assert sorted(said) == sorted(d.code for d in report.diagnostics), done.stderr
