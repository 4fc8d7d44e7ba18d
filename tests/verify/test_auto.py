"""``--target auto``: every setting is verified and timed, and only what is proved faster is named."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.cli.verify import by_target, chosen_targets
from transpile_hybrid.report.html import verify_page
from transpile_hybrid.report.verdicts import verify_document
from transpile_hybrid.source.source import Source
from transpile_hybrid.targets import TARGETS, UnknownTarget
from transpile_hybrid.verify import Speed, Verdict, VerifyOptions, api, auto, verify_texts
from transpile_hybrid.verify.auto import advice, keep_fastest
from transpile_hybrid.verify.options import never
from transpile_hybrid.verify.pair import Pair
from transpile_hybrid.verify.plan import Text
from transpile_hybrid.verify.session import duel, run_pair
from transpile_hybrid.verify.settings import FROZEN, SETTINGS, USUAL
from transpile_hybrid.verify.worker.stats import Interval, judged

from .planted import changed
from .planted_mxnet import BASE as MXNET
from .planted_mxnet import HYBRID
from .planted_torch import BASE as TORCH


def verdict(target: str, setting: str, word: str, ratio: float, equal: bool = True) -> Verdict:
    speed = Speed(word, ratio, ratio * 0.98, ratio * 1.02)
    return Verdict("Net", target, "a.py", "a.py", equal, "" if equal else "differs", speed, setting=setting)


def test_advice() -> None:
    one, two = verdict("torch.script", "", "same", 1.0), verdict("torch.script", "freeze", "faster", 1.5)
    assert advice([one]) == "leave it eager: none of 1 is proved faster"
    assert advice([verdict("torch.compile", "", "slower", 0.5)]).endswith("1 proved slower")
    assert advice([verdict("torch.compile", "", "faster", 2, False)]) == "leave it eager: no target is proved equal"
    two.chosen = True
    assert advice([one, two]) == "use torch.script (freeze): 1.50x [1.47, 1.53]"
    document = verify_document([one, two], auto=True)
    assert document["advice"][0]["setting"] == "freeze" and document["advice"][0]["ratio"] == 1.5
    assert "What to use" in verify_page([one, two], auto=True) and "advice" not in verify_document([one, two])
    usual = verdict("mxnet.hybrid", "", "faster", 3)
    usual.chosen = True
    assert "mxnet.hybrid (static_alloc, static_shape)" in advice([usual])


def test_settings_are_those_of_targets() -> None:
    assert set(SETTINGS) == set(TARGETS) and set(USUAL) <= set(TARGETS)
    assert all(settings[0] == "" for settings in SETTINGS.values())
    assert {setting for settings in SETTINGS.values() for setting in settings} >= FROZEN


def test_targets_beside_auto() -> None:
    assert chosen_targets(()) is None and chosen_targets(("auto",)) == ("auto",)
    assert chosen_targets(("torch.script", "auto")) == ("auto", "torch.script")
    with pytest.raises(UnknownTarget):
        chosen_targets(("auto", "torch.scrip"))


def test_a_noisy_moment_does_not_hide_what_is_far_beyond_it() -> None:
    noisy, quiet = Interval(1.0, 0.8, 1.3), Interval(1.0, 0.99, 1.01)
    assert judged(Interval(6, 5, 7), noisy) == "faster" and judged(Interval(0.2, 0.1, 0.3), noisy) == "slower"
    assert judged(Interval(1.2, 1.1, 1.3), noisy) == "undecided" and judged(Interval(1.2, 1.1, 1.3), quiet) == "faster"
    assert judged(Interval(1.3, 1.2, 1.4), Interval(1.2, 1.15, 1.25)) == "undecided", "the instances are unlike"
    assert judged(Interval(6, 5, 7), None) == "undecided" and judged(None, quiet) == "undecided"


@pytest.mark.parametrize(
    ("before", "after", "target"),
    [(TORCH, TORCH, "torch.script"), (MXNET, changed(MXNET, HYBRID), "mxnet.hybrid")],
    ids=["torch", "mxnet"],
)
def test_every_setting_is_verified(tmp_path: Path, before: str, after: str, target: str) -> None:
    options = VerifyOptions(unit="Model", python=sys.executable, budget=4.0, timeout=120.0)
    found = verify_texts(before, after, path=tmp_path / "m.py", targets=["auto", target], options=options)
    assert {v.setting for v in found} == set(SETTINGS[target])
    assert all(v.equivalent is True and v.speed is not None for v in found), [v.reason for v in found]
    assert all(v.checks["training"].startswith("not compared") for v in found if v.setting in FROZEN)
    best = [v for v in found if v.chosen]
    assert len(best) <= 1 and all(v.speed is not None and v.speed.word == "faster" for v in best)
    json.dumps(verify_document(found, auto=True))


def test_each_target_has_its_own_rewriting_where_they_need_it() -> None:
    both = ("tf.function", "tf.xla")
    before = Path(__file__).parents[2] / "fixtures" / "tensorflow" / "before"
    (report,) = rewrite([Source.read(before / "print_progress.py")], both)  # XLA has no tf.print
    (first, one), (second, other) = by_target(report, both, False)
    assert (one, other) == (("tf.function",), ("tf.xla",))
    assert first.result is not None and "tf.print" in first.result.after.text
    assert second.result is not None and "tf.print" not in second.result.after.text
    (report,) = rewrite([Source.read(before / "mlp.py")], both)
    assert by_target(report, both, False) == [(report, both)]


DEAD = """import torch


class Model(torch.nn.Module):
    def forward(self, x):
        for _ in range(200):
            torch.tanh(x)  # TorchScript leaves it out
        return x * 2


def example_inputs():
    return torch.linspace(-1, 1, 256)
"""


def test_settings_race_each_other(tmp_path: Path) -> None:
    options = VerifyOptions(unit="Model", python=sys.executable, budget=4.0)
    side = Text("model.py", DEAD)
    prepared = api._prepare(Pair(side, side), tmp_path / "0", options, print, never)
    assert isinstance(prepared, api._Prepared)
    (unit,) = prepared.units
    _, _, values = run_pair(unit, unit.job(unit.after, first=False), False)
    assert values is not None
    eager, script = replace(verdict("", "", "same", 1.0), target=None), verdict("torch.script", "", "faster", 5.0)
    won, lost = (duel(unit, *pair, values, lambda _: None) for pair in ((eager, script), (script, eager)))
    assert (won.word, lost.word) == ("faster", "slower"), (won, lost)


def test_the_winner_is_the_one_that_wins_the_race(monkeypatch: pytest.MonkeyPatch) -> None:
    luckiest, fastest, third = (verdict("torch.script", "", "faster", ratio) for ratio in (1.6, 1.5, 1.4))
    races: list[tuple[Verdict, Verdict]] = []

    def race(unit: object, champion: Verdict, rival: Verdict, *_: object) -> Speed:
        races.append((champion, rival))
        return Speed("faster", 1.1, 1.05, 1.15) if rival is fastest else Speed("same", 1.0, 0.99, 1.01)

    monkeypatch.setattr(auto, "duel", race)
    assert auto._best(None, Path(), [luckiest, fastest, third], print) is fastest  # type: ignore[arg-type]
    assert [(id(a), id(b)) for a, b in races] == [(id(luckiest), id(fastest)), (id(fastest), id(third))]


def test_one_choice_for_a_unit() -> None:
    slow, fast = verdict("tf.function", "", "faster", 1.5), verdict("tf.xla", "", "faster", 2.5)
    other = replace(slow, unit="Other")
    for one in (slow, fast, other):
        one.chosen = True
    keep_fastest([slow, fast, other])
    assert (slow.chosen, fast.chosen, other.chosen) == (False, True, True)
