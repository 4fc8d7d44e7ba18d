# ruff: noqa: E501
"""Names, scopes and what they stand for."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.names import canonical
from transpile_hybrid.meaning.project import module_name, project_from_files
from transpile_hybrid.source.source import SourceError

from .build import module_of


def last(text: str, package: str = "", name: str = "m") -> str | None:
    """The qualified name of the expression statement at the end."""
    module = module_of(text, name, package)
    Project([module])
    node = max((each for each in ast.walk(module.tree) if isinstance(each, ast.Expr)), key=lambda each: each.lineno)
    return module.qualified(node.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import torch\ntorch.nn.Linear", "torch.nn.Linear"),
        ("import torch.nn as N\nN.Linear", "torch.nn.Linear"),
        ("import torch.nn\ntorch.nn.Linear", "torch.nn.Linear"),
        ("from torch import nn\nnn.functional.relu", "torch.nn.functional.relu"),
        ("from torch.nn import functional as F\nF.relu", "torch.nn.functional.relu"),
        ("from torch.nn import *\nLinear", "torch.nn.Linear"),
        ("from mxnet.gluon.nn import *\nHybridSequential", "mxnet.gluon.nn.HybridSequential"),
        ("import mxnet as mx\nmx.gluon.nn.Dense", "mxnet.gluon.nn.Dense"),
        ("import mxnet as mx\nmx.ndarray.relu", "mxnet.nd.relu"),
        ("import tensorflow as tf\ntf.keras.layers.Dense", "keras.layers.Dense"),
        ("from tensorflow import keras as K\nK.layers.Dense", "keras.layers.Dense"),
        ("from tensorflow.keras import layers\nlayers.Dense", "keras.layers.Dense"),
        ("try:\n    import torch as t\nexcept ImportError:\n    t = None\nt.cat", "torch.cat"),
        ("try:\n    from torch import cat\nexcept ImportError:\n    from other import cat\ncat", "torch.cat"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\ntorch.Tensor", "torch.Tensor"),
        ("try:\n    from mxnet import np\nexcept ImportError:\n    import numpy as np\nnp.dot", "mxnet.np.dot"),
        ("if found:\n    from torch.nn import Module\nelse:\n    Module = object\nModule", "torch.nn.Module"),
        ("if found:\n    from torch.nn import Module\nelse:\n    Module = Mine\nModule", None),
        ("from torch.nn import Module\nModule = object\nModule", None),
        ("from torch import relu\nif quiet:\n    relu = print\nrelu", None),
        ("def f():\n    if loud:\n        from torch import relu\n    else:\n        relu = print\n    relu", None),
        ("nn = make()\nimport torch.nn as nn\nnn.Linear", "torch.nn.Linear"),
        ("import torch.nn as nn\nnn = make()\nnn.Linear", None),
        ("import typing\nif typing.TYPE_CHECKING:\n    from torch import Tensor\nTensor", "torch.Tensor"),
        ("from tensorflow.keras.layers import *\nDense", "keras.layers.Dense"),
        ("from torch.nn.functional import *\nrelu", "torch.nn.functional.relu"),
        ("from torch.nn import *\nfrom mxnet.gluon.nn import *\nConv2D", "mxnet.gluon.nn.Conv2D"),
        ("from unknown import *\nLinear", None),
        ("from keras.src import ops\nops.matmul", "keras.ops.matmul"),
        ("from keras.src.ops.operation import Operation\nOperation", "keras.src.ops.operation.Operation"),
        ("len", "builtins.len"),
        ("def len(x): ...\nlen", "m.len"),
        ("import torch\nlen = torch.numel\nlen", "torch.numel"),
        ("import torch\ntorch = object()\ntorch.cat", None),
        ("import torch\nx = torch\ny = x\ny.cat", "torch.cat"),
        ("def f(torch):\n    torch.cat", None),
        ("import torch\ndef f():\n    torch.cat", "torch.cat"),
        ("def f():\n    import torch\n    torch.cat", "torch.cat"),
        ("import torch\nclass A:\n    torch = 1\n    def f(self):\n        torch.cat", "torch.cat"),
        ("import torch\ndef f():\n    global torch\n    torch.cat", "torch.cat"),
        ("def f():\n    import torch\n    def g():\n        torch.cat", "torch.cat"),
        ("import torch\n[torch.cat for x in y]", None),
        ("import sys\nme = sys.modules[__name__]\ndef f(): ...\nme.f", "m.f"),
        ("from torch.nn import Module\nfrom torch.nn.modules import Module\nModule", "torch.nn.modules.Module"),
        ("from torch.nn import functional as F\nfrom mine import functional as F\nF.relu", "mine.functional.relu"),
        (
            "import torch\nfrom torch.nn import Module\ntry:\n    from torch.nn.modules import Module\nexcept ImportError: ...\nModule",
            "torch.nn.Module",
        ),
        ("try:\n    import apex as x\nexcept ImportError:\n    import torch as x\nx.cat", "torch.cat"),
        ("relu = None\nrelu = make()\ndef relu(x): ...\nrelu", "m.relu"),
        ("from torch import relu\ndef relu(x): ...\nrelu", "m.relu"),
        ("relu = make()\ny = relu\ndef relu(x): ...\nrelu", None),
        ("from torch import relu\ny = relu\ndef relu(x): ...\nrelu", None),
        ("unknown.thing", None),
        ("import a.b.c\na.b.c.d", "a.b.c.d"),
    ],
)
def test_qualified(text: str, name: str | None) -> None:
    assert last(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from . import layers\nlayers.A", "pkg.sub.layers.A"),
        ("from .layers import A\nA", "pkg.sub.layers.A"),
        ("from ..other import A as B\nB", "pkg.other.A"),
        ("from .. import other\nother.A", "pkg.other.A"),
    ],
)
def test_relative_imports(text: str, name: str) -> None:
    assert last(text, "pkg.sub", "pkg.sub.m") == name


def test_aliases_of_frameworks_have_one_name() -> None:
    assert canonical("tensorflow.keras.layers.Dense") == "keras.layers.Dense"
    assert canonical("tensorflow.python.keras.layers.Dense") == "keras.layers.Dense"
    assert canonical("mxnet.symbol.relu") == "mxnet.sym.relu"
    assert canonical("torchvision.models") == "torchvision.models"


def test_type_parameters() -> None:
    """Read by an interpreter that knows them; to an older one they are no Python, and that is said."""
    text = "import torch\ntype V[T] = list[T]\nclass A[T]:\n    def f[U: int](self, x: T) -> U:\n        torch.cat\n"
    if sys.version_info >= (3, 12):
        assert last(text) == "torch.cat"
    else:
        with pytest.raises(SourceError, match="syntax error"):
            last(text)


def write(folder: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [folder / name for name in files]


REPO = {
    "pkg/__init__.py": "from .layers import Base as Root\nfrom .more import *\n",
    "pkg/layers.py": "from torch import nn\nclass Base(nn.Module):\n    def forward(self, x):\n        return x\n",
    "pkg/more.py": "from .layers import Base\nclass Mid(Base): ...\nclass _Hidden(Base): ...\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/deep.py": "from .. import Root, Mid\nimport pkg\nclass A(Root): ...\nclass B(Mid): ...\nclass C(pkg.Root): ...\nclass D(dict): ...\n",
    "run.py": "from pkg.sub.deep import A\nfrom pkg import *\nclass E(A): ...\nclass F(Mid): ...\n",
    "broken.py": "def f(:\n",
}


def test_module_names(tmp_path: Path) -> None:
    write(tmp_path, REPO)
    assert module_name(tmp_path / "pkg/sub/deep.py") == ("pkg.sub.deep", "pkg.sub")
    assert module_name(tmp_path / "pkg/__init__.py") == ("pkg", "pkg")
    assert module_name(tmp_path / "run.py") == ("run", "")


def test_bases_over_files(tmp_path: Path) -> None:
    project = project_from_files(write(tmp_path, REPO))
    found = {info.name for info in project.classes.values() if project.framework_base(info) is not None}
    assert found == {"Base", "Mid", "_Hidden", "A", "B", "C", "E", "F"}
    assert [problem.path for problem in project.problems] == [str(tmp_path / "broken.py")]
    info = project.class_named("run.E")
    assert info is not None
    method = project.method(info, "forward")
    assert method is not None and method[0].name == "Base"
    assert project.resolve("pkg.Root") == "pkg.layers.Base"


def test_a_base_through_modules_that_hand_it_on(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "compat.py").write_text("import torch\nModule = torch.nn.Module\n")
    (package / "names.py").write_text("from .compat import Module as Base\n")
    (package / "net.py").write_text(
        "from . import names\nclass Net(names.Base): ...\nclass Other(names.Missing): ...\n"
    )
    project = project_from_files(sorted(package.glob("*.py")))
    base = project.framework_base(project.classes["pkg.net.Net"])
    assert base is not None and base.name == "torch.nn.Module"
    assert project.framework_base(project.classes["pkg.net.Other"]) is None
    assert not project.unresolved_bases(project.classes["pkg.net.Net"])
    assert project.unresolved_bases(project.classes["pkg.net.Other"]) == ["names.Missing"]


def test_the_own_sources_of_a_framework_are_understood() -> None:
    root = module_of("class Layer: ...\nclass Other: ...\n", "keras.src.layers.layer", "keras.src.layers")
    dense = module_of(
        "from keras.src.layers.layer import Layer\nclass Dense(Layer): ...\n", "keras.src.layers.core.dense"
    )
    project = Project([root, dense])
    found = {name: project.framework_base(info) for name, info in project.classes.items()}
    assert {name for name, base in found.items() if base is not None} == {
        "keras.src.layers.layer.Layer", "keras.src.layers.core.dense.Dense",
    }  # fmt: skip


def test_a_class_that_derives_from_itself_ends() -> None:
    module = module_of("class A(B): ...\nclass B(A): ...\n")
    project = Project([module])
    assert all(project.framework_base(info) is None for info in project.classes.values())
