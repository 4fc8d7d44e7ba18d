"""A run over many files: the same answer however it is done."""

from __future__ import annotations

import ast
import os
import random
from pathlib import Path

import pytest

from transpile_hybrid.report.json import check_json
from transpile_hybrid.run.check import Found, Options, check_files, find_files
from transpile_hybrid.run.judge import Judge
from transpile_hybrid.run.prefilter import imports_framework
from transpile_hybrid.run.repository import Repository
from transpile_hybrid.run.view import View
from transpile_hybrid.source.source import Source

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"


def text_of(found: Found, **options: object) -> str:
    results = check_files(found, Options(cache="", **options))  # type: ignore[arg-type]
    return check_json(sorted(results, key=lambda result: result.path), [], (), [])


def test_workers_and_order_make_no_difference() -> None:
    found = find_files([str(FIXTURES / "torch"), str(FIXTURES / "mxnet" / "flagged")])
    assert len(found.files) > 10
    one = text_of(found, jobs=1)
    assert text_of(found, jobs=3) == one
    random.Random(3).shuffle(found.files)
    assert text_of(found, jobs=1) == one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch\n", True),
        ("import numpy as np, torch.nn as nn\n", True),
        ("if x:\n    from torch import nn\n", True),
        ("x = 1; import mxnet\n", True),
        ("import os, \\\n    tensorflow\n", True),
        ("from keras import layers\n", True),
        ("from transformers import PreTrainedModel\n", True),
        ("# import of torch\nx = 'torch'\n", False),
        ("import torchmetrics\n", False),
        ("from .torch import x\n", False),
        ("", False),
    ],
)
def test_only_real_imports_count(text: str, expected: bool) -> None:
    assert imports_framework(text) is expected


def test_a_team_may_name_its_own_bases() -> None:
    assert imports_framework("from team.nn import Base\n", frozenset({"team.nn.Base"}))


def write(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return [str(folder / name) for name in files]


LEAF = "from {module} import {name}\n\n\nclass Leaf({name}):\n    def forward(self, x, s=2.0):\n        return x * s\n"
BASE = "from torch import nn\n\n\nclass Base(nn.Module):\n    pass\n"


@pytest.mark.parametrize(
    "files",
    [
        {"p/__init__.py": "", "p/base.py": BASE, "p/leaf.py": LEAF.format(module=".base", name="Base")},
        {"p/__init__.py": "", "p/base.py": BASE, "p/leaf.py": LEAF.format(module="p.base", name="Base")},
        {
            "p/__init__.py": "from .base import Base\n",
            "p/base.py": BASE,
            "p/leaf.py": LEAF.format(module="p", name="Base"),
        },
        {
            "p/__init__.py": "from .base import *\n",
            "p/base.py": BASE,
            "p/leaf.py": LEAF.format(module="p", name="Base"),
        },
        {
            "p/__init__.py": "from .base import Base as B\n",
            "p/base.py": BASE,
            "p/leaf.py": LEAF.format(module="p", name="B"),
        },
        {
            "p/__init__.py": "",
            "p/base.py": BASE,
            "p/mid.py": "from .base import Base\n\n\nclass Mid(Base):\n    pass\n",
            "p/leaf.py": LEAF.format(module=".mid", name="Mid"),
        },
        {"base.py": BASE, "leaf.py": LEAF.format(module="base", name="Base")},
        {
            "src/p/__init__.py": "",
            "src/p/base.py": BASE,
            "pyproject.toml": "",
            "leaf.py": LEAF.format(module="p.base", name="Base"),
        },
    ],
)
def test_a_file_without_the_frameworks_name_is_judged_through_its_bases(tmp_path: Path, files: dict[str, str]) -> None:
    """Also alone: the same findings whether a file is checked by itself or with its repository."""
    paths = [path for path in write(tmp_path, files) if path.endswith(".py")]
    leaf = next(path for path in paths if path.endswith("leaf.py"))
    for chosen in (paths, [leaf]):
        results = check_files(find_files(chosen), Options(cache=""))
        found = {os.path.basename(result.path): [one.code for one in result.found] for result in results}
        assert found["leaf.py"] == ["THT502"]


def test_a_class_that_comes_from_elsewhere_is_not_parsed(tmp_path: Path) -> None:
    text = "from configs import Config\n\n\nclass Mine(Config):\n    pass\n"
    files = write(tmp_path, {"configs.py": "import torch\n\n\nclass Config(object):\n    pass\n", "mine.py": text})
    judge = Judge(Repository(files))
    config = find_files(files).configs[files[1]]
    from transpile_hybrid.source.finder import Trail

    assert not judge.matters(Source.read(files[1]), config, Trail())


def test_a_teams_base_makes_a_unit(tmp_path: Path) -> None:
    text = "from torch import nn\nfrom team.nn import Base\n\n\nclass A(Base):\n"
    text += "    def forward(self, x, s=2.0):\n        return x * s\n"
    files = write(
        tmp_path, {"a.py": text, "pyproject.toml": '[tool.transpile-hybrid]\nbases = {"team.nn.Base" = "torch"}\n'}
    )
    (result,) = check_files(find_files(files[:1]), Options(cache=""))
    assert [one.code for one in result.found] == ["THT502"]
    assert [unit.name for unit in result.units if unit.kind == "class"] == ["A"]


def test_a_crash_in_one_file_is_that_files_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transpile_hybrid.rules import engine

    real = engine.run_rules

    def fail(module: object, *rest: object, **more: object) -> object:
        if module.source.path.endswith("bad.py"):  # type: ignore[attr-defined]
            raise RuntimeError("planted")
        return real(module, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "run_rules", fail)
    files = write(
        tmp_path, {"bad.py": BASE, "good.py": BASE + "    def forward(self, x, s=2.0):\n        return x * s\n"}
    )
    bad, good = check_files(find_files(files), Options(cache=""))
    assert "internal error: RuntimeError: planted" in bad.error and "planted" in bad.internal
    assert [one.code for one in good.found] == ["THT502"]


def test_a_worker_that_dies_takes_one_file_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transpile_hybrid.rules import engine

    real = engine.run_rules

    def die(module: object, *rest: object, **more: object) -> object:
        if module.source.path.endswith("bad.py"):  # type: ignore[attr-defined]
            os._exit(9)
        return real(module, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "run_rules", die)
    good = BASE + "    def forward(self, x, s=2.0):\n        return x * s\n"
    padding = "# padding\n" * 30_000
    files = write(tmp_path, {f"good{n}.py": good + padding for n in range(3)} | {"bad.py": BASE})
    results = check_files(find_files(files), Options(cache="", jobs=2))
    assert [[one.code for one in result.found] for result in results] == [[], ["THT502"], ["THT502"], ["THT502"]]
    assert "the process that read it died" in results[0].error


def test_two_scripts_of_the_same_name_are_kept_apart(tmp_path: Path) -> None:
    other = BASE.replace("nn.Module", "object")
    leaf = LEAF.format(module="base", name="Base")
    files = write(tmp_path, {"a/base.py": BASE, "a/leaf.py": leaf, "b/base.py": other, "b/leaf.py": leaf})
    results = check_files(find_files(files), Options(cache=""))
    assert [len(result.found) for result in results] == [0, 1, 0, 0]


def test_a_folder_called_torch_does_not_hide_the_framework(tmp_path: Path) -> None:
    good = BASE + "    def forward(self, x, s=2.0):\n        return x * s\n"
    files = write(tmp_path, {"torch/x.py": "", "a.py": good})
    result = check_files(find_files(files), Options(cache=""))[0]
    assert [one.code for one in result.found] == ["THT502"]


def test_who_mentions_a_name_is_known_in_large_runs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transpile_hybrid.run import repository as module
    from transpile_hybrid.run.view import View

    monkeypatch.setattr(module, "_SMALL", 10)
    files = {"helper.py": "def helper(x):\n    return x\n", "uses.py": "from helper import helper\n\nhelper(1)\n"}
    files |= {f"other{n}.py": "import torch\n" for n in range(3)} | {"own.py": "class helper:\n    pass\n"}
    repository = Repository(write(tmp_path, files))
    view = View(repository, repository.module_of(Source.read(str(tmp_path / "helper.py"))))
    assert [os.path.basename(m.source.path) for m in view.mentioning("helper") or []] == [
        "helper.py",
        "uses.py",
        "own.py",
    ]
    view = View(repository, repository.module_of(Source.read(str(tmp_path / "helper.py"))))
    assert [os.path.basename(m.source.path) for m in view.modules] == ["helper.py", "uses.py"]
    assert view.mentioning("xyz") is None, "too short to tell"


def test_a_star_import_of_a_whole_package_parses_little(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    count = 30
    (package / "__init__.py").write_text("".join(f"from .part{i} import *\n" for i in range(count)))
    for i in range(count):
        text = f"def use{i}(rows):\n    return len(rows)\n\n\nclass Part{i}:\n    pass\n"
        (package / f"part{i}.py").write_text(text)
    main = tmp_path / "main.py"
    main.write_text("from pkg import *\n\nprint(len([Part7, nothing]))\n")
    repository = Repository([str(main), *map(str, sorted(package.glob("*.py")))])
    module = repository.module(str(main))
    view = View(repository, module)

    def qualified(name: str) -> str | None:
        return module.scopes.top.qualified(ast.Name(name, ast.Load()))

    assert qualified("len") == "builtins.len" and qualified("nothing") is None
    assert qualified("Part7") == "pkg.Part7" and view.resolve("pkg.Part7") == "pkg.part7.Part7"
    assert len(repository._rows) == 2  # those of `pkg` and of the part that has it
    assert [one.name for one in view._modules] == ["main"]
    info = view.class_named("pkg.Part7")
    assert info is not None and info.module.name == "pkg.part7"
    assert [one.name for one in view._modules] == ["main", "pkg.part7"]
    assert view.trail.read >= {str(package / "part3.py"), str(package / "__init__.py")}


def test_a_property_of_a_base_class_in_another_file_is_read_there(tmp_path: Path) -> None:
    base = (
        "import torch\n\n\nclass Base(torch.nn.Module):\n    @property\n    def sizes(self) -> list[int]:\n"
        "        return [1]\n\n    def forward(self, x):\n        return x + 1\n"
    )
    net = (
        "import torch\n\nfrom base import Base\n\n\nclass Net(Base):\n    def forward(self, x):\n"
        "        return x + 2\n\n\nnet = torch.jit.script(Net())\n"
    )
    files = write(tmp_path, {"base.py": base, "net.py": net})
    assert [result.error for result in check_files(find_files(files), Options(cache=""))] == ["", ""]
