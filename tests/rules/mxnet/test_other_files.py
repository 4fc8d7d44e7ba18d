"""Names that lead into other files: bases and operators by another name."""

from __future__ import annotations

from pathlib import Path

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

TOOLS = """
from mxnet import np, npx
from mxnet.gluon import nn

Module = nn.Block
concat = np.concatenate
total = lambda x, *args, **kwargs: x.sum(*args, **kwargs)
strange = lambda x: x.sum() * 2
"""
NET = """
from mxnet import npx
from mxnet.gluon import nn
from tools import arrays as d2l
from tools.arrays import Module

npx.set_np()


class Net(d2l.Module):
    def forward(self, x, y):
        return d2l.total(d2l.concat((x, y), axis=1), axis=0)


class Other(Module):
    def forward(self, x):
        return d2l.strange(x)
"""
AFTER = """
from mxnet import npx
from mxnet.gluon import nn
from tools import arrays as d2l
from tools.arrays import Module

npx.set_np()


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x, y):
        return F.np.sum(F.np.concatenate((x, y), axis=1), axis=0)


class Other(Module):
    def forward(self, x):
        return d2l.strange(x)
"""


def test_names_of_another_file(tmp_path: Path) -> None:
    """A base and operators that another file names otherwise are followed; what only looks like it is told."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "__init__.py").write_text("")
    (tools / "arrays.py").write_text(TOOLS)
    (tmp_path / "net.py").write_text(NET)
    paths = [tools / "__init__.py", tools / "arrays.py", tmp_path / "net.py"]
    *_, report = rewrite([Source.read(path) for path in paths], ["mxnet.hybrid"])
    assert report.result is not None
    assert report.result.after.text == AFTER
    assert {d.code for d in report.result.remaining} == {"THM601", "THM608"}


def test_no_name_for_hybrid_block(tmp_path: Path) -> None:
    """Where HybridBlock has no name in the file the class is left, and the reason says so."""
    (tmp_path / "base.py").write_text("from mxnet.gluon import nn\n\nBase = nn.Block\n")
    text = "from base import Base\n\n\nclass Net(Base):\n    def forward(self, x):\n        return x * 2\n"
    (tmp_path / "net.py").write_text(text)
    paths = [tmp_path / "base.py", tmp_path / "net.py"]
    _, report = rewrite([Source.read(path) for path in paths], ["mxnet.hybrid"])
    assert report.result is not None
    assert not report.changed
    assert ["by another name" in d.why for d in report.result.remaining] == [True]


def test_container_of_a_package(tmp_path: Path) -> None:
    """What a package offers to be filled by others may be given Blocks: only an unsafe fix takes them for hybrid."""
    text = (
        "from mxnet.gluon import nn\n\n\nclass Chain(nn.Sequential):\n    def forward(self, x):\n"
        "        for block in self._children.values():\n            x = block(x) + x\n        return x\n"
    )
    package = tmp_path / "tools"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "chain.py").write_text(text)
    sources = [Source.read(package / "__init__.py"), Source.read(package / "chain.py")]
    _, report = rewrite(sources, ["mxnet.hybrid"])
    assert report.result is not None
    assert ["from outside" in d.why for d in report.result.remaining if d.code == "THM601"] == [True]
    _, report = rewrite(sources, ["mxnet.hybrid"], unsafe=True)
    assert report.result is not None
    assert "class Chain(nn.HybridSequential)" in report.result.after.text
