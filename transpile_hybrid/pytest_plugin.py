"""``pytest --hybrid-verify``: every unit becomes a test that it compiles and computes the same.

    pytest --hybrid-verify src/models.py                       # the default target of each framework
    pytest --hybrid-verify --hybrid-target torch.compile src   # "no graph break in my models"

A file that imports a framework and is no test gives an item for each unit and target, ``models.py::Net[torch.script]``.
An item rewrites the file in memory and verifies the unit: it fails where something stands in the way of the compiler,
where results differ, and where the unit could not be run (``--hybrid-allow-unverified`` skips it then).  The code runs
in processes of its own, never in pytest's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .api import RewriteReport
    from .config import Config
    from .source.source import Source


class NotEqual(Exception):
    """A unit doesn't compile, or computes something else; the message says what and where."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--hybrid-verify`` and what belongs to it."""
    group = parser.getgroup("hybrid", "transpile-hybrid")
    group.addoption("--hybrid-verify", action="store_true", help="verify the deep-learning units of the files named")
    group.addoption(
        "--hybrid-target", action="append", default=[], metavar="NAME",
        help="compiler to aim at; repeatable (default: the settings' targets)",
    )  # fmt: skip
    group.addoption("--hybrid-unsafe", action="store_true", help="rewrite with unsafe fixes before comparing")
    group.addoption(
        "--hybrid-allow-unverified", action="store_true", help="skip what can't be run instead of failing it"
    )
    group.addoption("--hybrid-timeout", type=float, default=60.0, metavar="SECONDS", help="per worker process")


def pytest_configure(config: pytest.Config) -> None:
    """Check the targets.  Raises ``pytest.UsageError``."""
    if config.getoption("hybrid_target"):
        from .targets import UnknownTarget, parse_targets

        try:
            parse_targets(config.getoption("hybrid_target"))
        except UnknownTarget as exc:
            raise pytest.UsageError(str(exc)) from exc


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take a Python file that imports a framework and is no test."""
    if not parent.config.getoption("hybrid_verify") or file_path.suffix != ".py":
        return None
    name = file_path.name
    if name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py":
        return None
    from .run.prefilter import imports_framework

    try:
        if not imports_framework(file_path.read_text(encoding="utf-8", errors="replace")):
            return None
    except OSError:
        return None
    made: pytest.Collector = HybridFile.from_parent(parent, path=file_path)
    return made


class HybridFile(pytest.File):
    """A file of units."""

    @cached_property
    def settings(self) -> Config:
        """The settings in force for the file, with the command line over them.  Raises ``CollectError``."""
        from .config import ConfigError, ConfigFinder
        from .targets import parse_targets

        try:
            asked = self.config.getoption("hybrid_target")
            targets = parse_targets(asked) if asked else ()
            return ConfigFinder().of_file(str(self.path)).with_options(target=targets)
        except ConfigError as exc:
            raise self.CollectError(str(exc)) from exc

    @cached_property
    def report(self) -> RewriteReport:
        """What ``rewrite`` makes of the file."""
        from .api import rewrite
        from .source.source import Source

        source = Source.read(self.path)
        unsafe = self.config.getoption("hybrid_unsafe") or self.settings.unsafe_fixes
        return rewrite([source], config=self.settings, unsafe=unsafe)[0]

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each unit and target of its framework."""
        from .source.source import SourceError
        from .targets import TARGETS

        try:
            report = self.report
        except SourceError as exc:
            raise self.CollectError(str(exc)) from exc
        if report.error:
            raise self.CollectError(report.error)
        names = _names(report.source)
        frameworks: dict[str, str] = {}
        for unit in report.units:
            if unit.name in names and (unit.kind == "function" or unit.entry is not None):
                frameworks.setdefault(unit.name, unit.framework)
        for name in names:
            for target in self.settings.targets:
                if frameworks.get(name) == TARGETS[target].framework:
                    yield HybridItem.from_parent(self, name=f"{name}[{target}]", unit=name, target=target)


def _names(source: Source) -> list[str]:
    """Return the names that may be units: classes, and functions where the file says what they take."""
    from .verify.plan import candidates, declares_inputs

    tree = source.tree
    declared = declares_inputs(tree)
    return [name for name, kind in candidates(tree).items() if kind == "class" or declared]


class HybridItem(pytest.Item):
    """The test that one unit, compiled by one target, computes the same."""

    parent: HybridFile

    def __init__(self, *, unit: str, target: str, **more: Any) -> None:
        super().__init__(**more)
        self.unit, self.target = unit, target

    def runtest(self) -> None:
        """Verify.  Raises :class:`NotEqual`."""
        from .cli.verify import stuck_units
        from .verify import Pair, VerifyError, VerifyOptions, verify_pairs
        from .verify.plan import Text

        report = self.parent.report
        assert report.result is not None
        verdicts = stuck_units(report, self.target, (self.unit,))
        if verdicts:
            raise NotEqual(f"{self.unit} is {verdicts[0].reason}")
        path = str(self.path)
        pair = Pair(Text(path, report.source.text), Text(path, report.result.after.text), (self.target,))
        timeout = self.config.getoption("hybrid_timeout")
        options = VerifyOptions(unit=self.unit, speed=False, timeout=timeout, jobs=1)
        (found,) = verify_pairs([pair], options)
        if isinstance(found, VerifyError):
            raise NotEqual(str(found)) from found
        for verdict in found:
            if verdict.equivalent is None and self.config.getoption("hybrid_allow_unverified"):
                pytest.skip(f"not verified: {verdict.reason}")
            if verdict.equivalent is not True:
                raise NotEqual(f"{self.unit} with {self.target}: {verdict.state}: {verdict.reason}")
        if not found:
            raise NotEqual(f"{self.unit} with {self.target}: nothing to verify")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the message alone for what we found, the traceback for anything else."""
        if isinstance(excinfo.value, NotEqual):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, the 0-based line of the unit, and the name of the test."""
        node = next((n for n in self.parent.report.source.tree.body if getattr(n, "name", "") == self.unit), None)
        return self.path, node.lineno - 1 if node is not None else 0, self.name
