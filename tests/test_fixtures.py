"""Every program in fixtures/: rewritten as its golden, twice is once, equal when compiled and when reloaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from transpile_hybrid.api import check, rewrite, verify
from transpile_hybrid.diagnostics import stands_in_the_way
from transpile_hybrid.source.source import Source
from transpile_hybrid.verify import VerifyOptions

ROOT = Path(__file__).resolve().parent.parent / "fixtures"
DEFAULT = {"mxnet": "mxnet.hybrid", "torch": "torch.script", "tensorflow": "tf.function"}
OTHERS = {"mxnet": [], "torch": ["torch.compile", "torch.export"], "tensorflow": ["tf.xla"]}
BEFORE = sorted(ROOT.glob("*/before/*.py"))
FLAGGED = sorted(ROOT.glob("*/flagged/*.py"))


def name(path: Path) -> str:
    return f"{framework(path)}-{path.stem}"


def framework(path: Path) -> str:
    return path.parent.parent.name


@pytest.mark.parametrize("path", BEFORE, ids=name)
def test_rewritten_as_golden_and_once(path: Path) -> None:
    golden = Source.read(path.parent.parent / "after" / path.name)
    (report,) = rewrite([Source.read(path)], [DEFAULT[framework(path)]])
    assert report.result is not None, report.internal or report.error
    assert report.result.after.text == golden.text
    assert [d for d in report.result.remaining if stands_in_the_way(d.code, d.consequence.value)] == []
    (again,) = rewrite([golden], [DEFAULT[framework(path)]])
    assert not again.changed
    assert again.result is not None and [d for d in again.result.remaining if d.fixable] == []


@pytest.mark.parametrize("path", FLAGGED, ids=name)
def test_flagged_and_left_alone(path: Path) -> None:
    source = Source.read(path)
    wanted = re.search(r"^# expect: (.+)$", source.text, re.M)
    assert wanted, "a flagged program says which codes it must get: `# expect: THM101`"
    target = [DEFAULT[framework(path)]]
    (report,) = check([source], target)
    found = {diagnostic.code for diagnostic in report.diagnostics}
    assert set(re.split(r",\s*", wanted.group(1).strip())) <= found
    (result,) = rewrite([source], target)
    assert result.result is not None and not result.changed


# what a target has no form for is flagged and left alone
NOT_FOR = {("print_progress", "tf.xla"): {"THF402"}, ("late_build", "tf.xla"): {"THF602"}}
CASES = [(path, DEFAULT[framework(path)]) for path in BEFORE]
# A compiler's run takes half a minute: the further targets get what they treat each in its own way (attention: shapes
# and saturation, loops, masks, state, what they refuse); `pytest --every-target` gives them all programs.
TELLING = {"attention", "masked_pool", "recurrent", "train_step", "print_progress", "late_build"}
FURTHER = [(path, target) for path in BEFORE for target in OTHERS[framework(path)]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        every = metafunc.config.getoption("--every-target")
        cases = CASES + [case for case in FURTHER if every or case[0].stem in TELLING]
        metafunc.parametrize(("path", "target"), cases, ids=[f"{name(p)}-{t}" for p, t in cases])


def test_equal_compiled_and_reloaded(path: Path, target: str) -> None:
    """Outputs, gradients, state, second shape, repeated calls; then serialized and reloaded in a fresh process."""
    source = Source.read(path)
    (report,) = rewrite([source], [target])
    assert report.result is not None
    left = {d.code for d in report.result.remaining if stands_in_the_way(d.code, d.consequence.value)}
    assert left == NOT_FOR.get((path.stem, target), set())
    if left:
        assert not report.changed
        return
    options = VerifyOptions(speed=False, export=True, jobs=1)
    verdicts = verify(source, report.result.after, [target], options=options)
    assert verdicts, "no unit was found"
    for verdict in verdicts:
        assert verdict.equivalent is True, f"{verdict.unit}: {verdict.reason} {verdict.checks}"
        assert verdict.inputs == "declared"
        assert verdict.export is not None and verdict.export["ok"] is True, f"{verdict.unit}: {verdict.export}"
