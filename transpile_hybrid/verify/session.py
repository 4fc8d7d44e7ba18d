"""Verifying one unit: both sides run, the judge compares, then each target, then the clock."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .options import VerifyOptions, never
from .plan import Text
from .process import Outcome, Worker, start
from .settings import FROZEN, USUAL, label, timed
from .verdict import CANNOT_COMPILE, NEVER_GIVEN, NEVER_REACHED, RENAMED, TRACED_ANEW, TRACES, Speed, Verdict
from .worker.reach import shown
from .worker.wire import Frame, WireError, make_writer

NO_TRAINING = ("torch.export",)
FRESH = ("timing", "reload")  # the clock and what was written to disk get an interpreter that nothing else has touched
_TICK = 0.02
_COMPILERS = ("tf.function", "def_function", "jit_compile", "torch.compile", "torch.jit", "hybridize")
_NEARLY = 4  # an original that takes as much as this part of the time limit leaves too little room to tell a hang


@dataclass
class Unit:
    """One unit of a pair of files, and where its workers live."""

    name: str
    before: Text
    after: Text
    framework: str
    python: str
    folder: Path
    options: VerifyOptions
    inputs: list[Any] | None = None
    recorded: dict[str, Any] | None = None
    stop: Callable[[], bool] = never
    numbers: Any = field(default_factory=itertools.count)

    def job(self, text: Text, **more: Any) -> dict[str, Any]:
        """Return a job on one side."""
        return {
            "job": "side", "text": text.text, "path": text.path, "unit": self.name, "framework": self.framework,
            "seed": self.options.seed, "neighbours": text.neighbours,
            "recorded": self.recorded, **more,
        }  # fmt: skip

    def start(self, job: dict[str, Any], seconds: float | None = None) -> Worker:
        """Start a worker for this unit."""
        folder = self.folder / f"{next(self.numbers)}-{job['job']}"
        seconds = seconds or self.options.timeout
        return start(self.python, job, folder, seconds, self.options, self.stop, fresh=job["job"] in FRESH)

    def verdict(self, target: str | None, equivalent: bool | None, reason: str = "") -> Verdict:
        """Return a verdict on this unit."""
        return Verdict(
            self.name, target, self.before.path, self.after.path, equivalent, reason, framework=self.framework
        )


@dataclass
class Legs:
    """What the runs of a unit gave: the original's outcome and values, and a verdict for each leg."""

    verdicts: list[Verdict]
    before: Outcome | None = None
    values: Path | None = None


def wait(worker: Worker) -> Outcome:
    """Wait for a worker to end.  Raises :class:`Stopped`."""
    while (outcome := worker.poll()) is None:
        time.sleep(_TICK)
    return outcome


def save_values(frame: Frame, path: Path) -> Path:
    """Write the original's values where other workers can read them."""
    with path.open("wb") as file:
        make_writer(file.fileno(), b"plain")(frame.kind, frame.body, frame.buffers)
    return path


def compiles_itself(unit: Unit) -> bool:
    """Whether the rewritten text compiles what it defines: then that takes its time before anything runs."""
    return any(word in unit.after.text for word in _COMPILERS)


def run_pair(
    unit: Unit, second: dict[str, Any], reference: bool, seconds: float | None = None
) -> tuple[Outcome, Outcome, Path | None]:
    """Run the original and ``second`` side by side; the second waits, loaded, for the original's inputs and weights.

    ``seconds`` is the time limit of the second.
    """
    job = unit.job(unit.before, first=True, inputs=unit.inputs, reference="usual" if reference else "")
    first = unit.start(job)
    other = unit.start(second, seconds)
    path: Path | None = None
    seen = 0
    try:
        while True:
            outcome = first.poll()
            if path is None and (outcome is not None or first.size() != seen):
                seen = 0 if outcome is not None else first.size()
                frame = outcome.frame("values") if outcome is not None else _peek(first)
                if frame is not None:
                    path = save_values(frame, unit.folder / f"values-{next(unit.numbers)}")
                    other.go({"values": str(path)})
            if outcome is not None and (path is None or outcome.why):
                return outcome, other.end("not run"), path
            if outcome is not None and (finished := other.poll()) is not None:
                return outcome, finished, path
            if path is not None:
                other.poll()  # keeps its limits
            time.sleep(_TICK)
    finally:
        first.end("stopped")
        other.end("stopped")


def _peek(worker: Worker) -> Frame | None:
    with contextlib.suppress(WireError):  # the final reading will say so
        return worker.peek("values")
    return None


def failure(outcome: Outcome) -> tuple[str, str]:
    """Return (kind, text) of a failure, two empty strings for an outcome that is whole."""
    failed = outcome.frame("failed")
    if failed is not None and not outcome.why:
        stage, why, kind = failed.body["stage"], failed.body["why"], failed.body["kind"]
        return kind, why if kind != "failed" else f"{stage}: {why}"
    return ("failed", outcome.why) if outcome.why else ("", "")


def judge(unit: Unit, outcomes: list[Outcome], **how: Any) -> dict[str, Any]:
    """Compare outcomes in a process that runs no user code."""
    sides = []
    for outcome in outcomes:
        path = unit.folder / f"frames-{next(unit.numbers)}"
        path.write_bytes(outcome.raw)
        sides.append({"file": str(path), "key": outcome.key.hex()})
    job = {"job": "judge", "sides": sides, "framework": unit.framework, **how}
    outcome = wait(unit.start(job, max(60.0, unit.options.timeout)))
    for side in sides:
        os.unlink(side["file"])
    frame = outcome.frame("judged")
    if frame is None:
        kind, why = failure(outcome)
        return {"equivalent": None, "reason": f"the comparison failed: {why}", "checks": {}, "max_abs_err": None}
    result: dict[str, Any] = frame.body
    return result


def compare_legs(unit: Unit, targets: list[str], say: Callable[[str], None]) -> Legs:
    """Compare the two sides as they stand, then the rewritten side compiled by each target, with the original."""
    begun = time.monotonic()
    say(f"{unit.name}: running both sides")
    second = unit.job(unit.after, first=False)
    seconds = unit.options.timeout + (unit.options.compile_timeout if compiles_itself(unit) else 0)
    before, after, values = run_pair(unit, second, bool(targets), seconds)
    kind, why = failure(before)
    if kind:
        asked: list[str | None] = [*targets] or [None]
        return Legs([_original_fails(unit, target, kind, why) for target in asked])
    assert values is not None
    eager = _compare(unit, None, before, after, values, say)
    eager.seconds = time.monotonic() - begun
    legs = Legs([], before, values)
    for target in targets:
        if eager.equivalent is True:
            legs.verdicts.append(_compiled(unit, target, eager, before, values, say))
        else:
            reason = eager.reason and f"as it stands: {eager.reason}"
            legs.verdicts.append(replace(eager, target=target, reason=reason))
    if not targets:
        legs.verdicts.append(eager)
    return legs


def _compiled(
    unit: Unit, target: str, eager: Verdict, before: Outcome, values: Path, say: Callable[[str], None]
) -> Verdict:
    """Compare the rewritten side, compiled by ``target``, with the original."""
    begun = time.monotonic()
    say(f"{unit.name}: compiling by {target}")
    seconds = unit.options.timeout + unit.options.compile_timeout
    forms = dict.fromkeys(("", USUAL.get(target, "")))  # the plain form, and that which is timed
    workers = [unit.start(unit.job(unit.after, first=False, target=target, setting=form), seconds) for form in forms]
    try:
        for worker in workers:
            worker.go({"values": str(values)})
        outcomes = [wait(worker) for worker in workers]
    finally:
        for worker in workers:
            worker.end("stopped")
    verdict = _compare(unit, target, before, outcomes[0], values, say)
    if verdict.equivalent is True and len(outcomes) > 1:
        verdict = _compare(unit, target, before, outcomes[1], values, say)
        if verdict.reason:
            verdict.reason = f"with {USUAL[target]}: {verdict.reason}"
    remarks = [text for name, text in eager.checks.items() if text not in ("ok", verdict.checks.get(name))]
    checks = {"as it stands": "; ".join(remarks) or "ok", **verdict.checks}
    if RENAMED in eager.checks:
        checks[RENAMED] = eager.checks[RENAMED]
    return replace(verdict, checks=checks, seconds=time.monotonic() - begun + eager.seconds)


def compare_setting(
    unit: Unit, target: str, setting: str, legs: Legs, before: Outcome, say: Callable[[str], None]
) -> Verdict:
    """Compare the rewritten side, compiled by ``target`` with ``setting``, with the original's run ``before``."""
    assert legs.values is not None
    begun = time.monotonic()
    say(f"{unit.name}: compiling by {label(target, setting)}")
    frozen = setting in FROZEN
    job = unit.job(unit.after, first=False, target=target, setting=setting, inference=frozen)
    worker = unit.start(job, unit.options.timeout + unit.options.compile_timeout)
    worker.go({"values": str(legs.values)})
    after = wait(worker)
    if why := failure(before)[1]:
        verdict = unit.verdict(target, None, f"not verified: the original fails: {why}")
    else:
        verdict = _compare(unit, target, before, after, legs.values, say, legs.before, frozen)
    if frozen:
        verdict.checks["training"] = "not compared: the weights are compiled in"
    verdict.setting, verdict.seconds = setting, time.monotonic() - begun
    return verdict


def _original_fails(unit: Unit, target: str | None, kind: str, why: str) -> Verdict:
    if kind == "no framework":
        return unit.verdict(target, None, f"skipped: {why} in {unit.python}")
    if kind == "not runnable":
        return unit.verdict(target, None, f"not verified: {why}")
    return unit.verdict(target, None, f"not verified: the original fails: {why}")


def _compare(
    unit: Unit, target: str | None, before: Outcome, after: Outcome, values: Path, say: Callable[[str], None],
    probed: Outcome | None = None, inference: bool = False,
) -> Verdict:  # fmt: skip
    """Judge two runs; ``probed`` is the run that found the values, where it is not ``before`` itself."""
    found, summary = (probed or before).frame("values"), after.frame("summary")
    assert found is not None
    kind, why = failure(after)
    if kind:
        text = {"missing": why, "cannot compile": CANNOT_COMPILE + why}.get(kind, f"failed: {why}")
        slow = before.seconds * _NEARLY > unit.options.timeout  # what is a little slower is no fault
        if after.late and (slow or compiles_itself(unit)):
            text = f"undecided: {why}; the original took {before.seconds:.0f} s: --timeout gives more"
            return unit.verdict(target, None, text)
        skipped = kind in ("target missing", "no framework")
        verdict = unit.verdict(target, None if skipped else False, f"skipped: {why}" if skipped else text)
        verdict.inputs = found.body["source"]
        return verdict
    first = before.frame("summary")
    assert first is not None and summary is not None
    compiled = bool(summary.body["compiled"] or first.body["compiled"])
    exact = unit.options.exact and not compiled
    how = {
        "exact": exact, "trains": target not in NO_TRAINING, "steady_exact": not first.body["compiled"],
        "target": target, "xla": target == "tf.xla" or (target is None and "jit_compile" in unit.after.text),
        "random": not compiled or unit.framework == "torch",  # compiled MXNet and TensorFlow draw other numbers
    }  # fmt: skip
    say(f"{unit.name}: comparing")
    result = judge(unit, [before, after], **how)
    if result["equivalent"] is False:
        say(f"{unit.name}: a difference; running the original once more")
        again = _again(unit, values, inference=inference, reference="" if exact else "all")
        if not failure(again)[0]:
            result = judge(unit, [before, after, again], **how)
            if result.get("unsteady"):
                # the first run found the inputs too: what it had imported and tried by then is no other run's start
                say(f"{unit.name}: the original differs from itself; running it once more")
                third = _again(unit, values, inference=inference)
                if not failure(third)[0]:
                    before, again = again, third
                    result = judge(unit, [before, after, again], **how)
            if result["equivalent"] is False and not exact:
                say(f"{unit.name}: a difference; is it rounding? The original, with inputs moved by their last bit")
                nudged = _again(unit, values, inference=inference, nudged=True)
                if not failure(nudged)[0]:
                    result = judge(unit, [before, after, again, nudged], **how)
        else:
            result.update(
                equivalent=None, reason=f"undecidable: the original fails when run again: {failure(again)[1]}"
            )
    if result["equivalent"] is False and unit.options.bisect and target is None and not compiled:
        result["reason"] += _where(unit, result["reason"], values, say)
    elif result["equivalent"] is False and unit.options.bisect and target is not None:
        result["reason"] += _where_compiled(unit, target, result["reason"], values, say)
    verdict = unit.verdict(target, result["equivalent"], result["reason"])
    verdict.checks, verdict.max_abs_err = result["checks"], result["max_abs_err"]
    verdict.inputs, verdict.versions = found.body["source"], summary.body["versions"]
    verdict.memory = {"before_mb": first.body["peak_mb"], "after_mb": summary.body["peak_mb"]}
    traces, calls, kinds = summary.body["traces"]
    if traces:
        verdict.checks[TRACES] = (
            f"ok: {traces} for {calls} calls of {kinds} kinds (shapes, dtypes, Python values, mode)"
        )
    if traces and traces * 2 > calls > 4:
        verdict.checks[TRACED_ANEW] = f"ok: {traces} traces for {calls} calls"
    if found.body["notes"]:
        verdict.checks["inputs"] = f"ok: {'; '.join(found.body['notes'])}"
    if found.body["never given"]:
        verdict.checks[NEVER_GIVEN] = f"ok: {', '.join(found.body['never given'])}"
    if found.body["never reached"]:
        verdict.checks[NEVER_REACHED] = f"ok: {shown(found.body['never reached'])}"
    return verdict


def _again(unit: Unit, values: Path, **how: Any) -> Outcome:
    """Run the original once more, on the same values."""
    worker = unit.start(unit.job(unit.before, first=False, **how))
    worker.go({"values": str(values)})
    return wait(worker)


def time_leg(
    unit: Unit, verdict: Verdict, values: Path, say: Callable[[str], None], budget: float | None = None,
    train: bool = False,
) -> Speed:  # fmt: skip
    """Measure the rewritten side (compiled by the verdict's target and setting, if any) against the original.

    ``train``: a step of training, forward and backward, instead of a call.  The thousands of calls that this takes are
    a test too: a side that comes to an end in them, or gives something else after them, makes the verdict "different".
    """
    what = "timing a training step" if train else "timing"
    say(f"{unit.name}: {what}{' ' + verdict.target if verdict.target else ''}")
    job = _timing(unit, unit.before, verdict, unit.options.budget if budget is None else budget)
    job["train"] = train
    outcome = _timed(unit, job, values)
    frame = outcome.frame("speed")
    if frame is not None:
        late = frame.body.pop("late")
        if late:
            _fails_late(verdict, late)
        return Speed(**frame.body)
    why = failure(outcome)[1]
    if outcome.why and not train:  # it left, crashed or hung: is it the rewritten side?
        say(f"{unit.name}: timing ended early; the original alone")
        worker = unit.start({**job, "after": unit.before.text, "after_path": unit.before.path, "target": None,
                             "after_neighbours": unit.before.neighbours, "budget": 3.0})  # fmt: skip
        worker.go({"values": str(values)})
        if wait(worker).frame("speed") is not None:
            _fails_late(verdict, f"fails when it is called again and again: {why}")
    return Speed("undecided", why=why)


def duel(unit: Unit, champion: Verdict, rival: Verdict, values: Path, say: Callable[[str], None]) -> Speed:
    """Measure the rewritten side compiled as ``rival`` says against the same compiled as ``champion`` says.

    Two ratios to the original that were measured minutes apart differ by what the machine did meanwhile.
    """
    say(f"{unit.name}: timing {label(rival.target, rival.setting)} against {label(champion.target, champion.setting)}")
    job = _timing(unit, unit.after, rival, unit.options.budget)
    job.update(before_target=champion.target, before_setting=timed(champion.target, champion.setting))
    outcome = _timed(unit, job, values)
    frame = outcome.frame("speed")
    if frame is None:
        return Speed("undecided", why=failure(outcome)[1])
    frame.body.pop("late")
    return Speed(**frame.body)


def _timing(unit: Unit, before: Text, verdict: Verdict, budget: float) -> dict[str, Any]:
    """Return the job that times the rewritten side, compiled as ``verdict`` says, against ``before``."""
    job = unit.job(before, after=unit.after.text, after_path=unit.after.path, target=verdict.target)
    job.update(job="timing", budget=budget, after_neighbours=unit.after.neighbours)
    job["setting"] = timed(verdict.target, verdict.setting)
    return job


def _timed(unit: Unit, job: dict[str, Any], values: Path) -> Outcome:
    compiled = (job.get("target"), job.get("before_target"))
    extra = unit.options.compile_timeout * sum(target is not None for target in compiled)
    worker = unit.start(job, unit.options.timeout + job["budget"] + extra)
    worker.go({"values": str(values)})
    return wait(worker)


_CALL = re.compile(r"^outputs[^(]*\(call (\d+) ")


def _where(unit: Unit, reason: str, values: Path, say: Callable[[str], None]) -> str:
    """Run both sides once more up to the call that differs, and say which sub-model is the first to differ in it."""
    match = _CALL.match(reason)
    if match is None:
        return ""
    say(f"{unit.name}: looking for the first part that differs")
    outcomes = []
    for text in (unit.before, unit.after):
        worker = unit.start(unit.job(text, first=False, trace=int(match[1]) - 1))
        worker.go({"values": str(values)})
        outcomes.append(wait(worker))
    if any(failure(outcome)[0] for outcome in outcomes):
        return ""
    found = judge(unit, outcomes, parts=True)
    if found.get("part"):
        return f"; first in {found['part']}: {found['text']}"
    if found.get("compared", "0") != "0":
        return f"; the {found['compared']} parts that it calls give the same: it is in the unit's own code"
    return ""


def _where_compiled(unit: Unit, target: str, reason: str, values: Path, say: Callable[[str], None]) -> str:
    """Run the eager form once more up to the call that differs, each part of it compiled alone too, and say of which
    part the compiler first makes something else."""
    match = _CALL.match(reason)
    if match is None or "(eval" not in reason:
        return ""
    say(f"{unit.name}: looking for the first part that {target} changes")
    seconds = unit.options.timeout + unit.options.compile_timeout
    job = unit.job(unit.after, first=False, trace=int(match[1]) - 1, apart=target)
    worker = unit.start(job, seconds)
    worker.go({"values": str(values)})
    outcome = wait(worker)
    found = {} if failure(outcome)[0] else judge(unit, [outcome], parts=True)
    return f"; first in {found['part']}, compiled alone: {found['text']}" if found.get("part") else ""


def trains(verdict: Verdict) -> bool:
    """Whether the compiled form has a training mode."""
    return verdict.target not in NO_TRAINING and verdict.setting not in FROZEN


def _fails_late(verdict: Verdict, why: str) -> None:
    verdict.equivalent, verdict.reason = False, why
    verdict.checks["outputs after many calls"] = why


def export_leg(unit: Unit, verdict: Verdict, values: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Serialise what the verdict's target makes of the unit, read it back in a fresh process, and compare bitwise.

    Returns ``ok``, ``reason``, ``bytes``, ``files``, in seconds ``write_s`` and ``load_s``, and ``path``: the folder
    where it is kept, if it is.
    """
    say(f"{unit.name}: exporting by {verdict.target}")
    artifact = unit.folder / f"artifact-{next(unit.numbers)}"
    artifact.mkdir()
    seconds = unit.options.timeout + unit.options.compile_timeout
    found: dict[str, Any] = {"ok": False, "reason": "", "bytes": 0, "files": []}
    outcomes = []
    for kind in ("export", "reload"):
        worker = unit.start(
            {**unit.job(unit.after, target=verdict.target), "job": kind, "folder": str(artifact)}, seconds
        )
        worker.go({"values": str(values)})
        outcome = wait(worker)
        if failed := failure(outcome)[1]:
            return {**found, "reason": f"{'writing' if kind == 'export' else 'reading back'} failed: {failed}"}
        outcomes.append(outcome)
        done = outcome.frame("done")
        assert done is not None
        found.update(done.body)
        if kind == "export":
            files = sorted(path for path in artifact.rglob("*") if path.is_file() and path.name != "inputs.json")
            found["files"] = [str(path.relative_to(artifact)) for path in files]
            found["bytes"] = sum(path.stat().st_size for path in files)
    result = judge(unit, outcomes, exact=True, trains=True, random=True, steady_exact=True, target=None, xla=False)
    found.update(ok=result["equivalent"] is True, reason=result["reason"])
    if found["ok"] and unit.options.keep is not None:
        kept = Path(unit.options.keep) / Path(unit.after.path).stem / unit.name / str(verdict.target)
        try:
            shutil.copytree(artifact, kept, dirs_exist_ok=True, ignore=shutil.ignore_patterns("inputs.json"))
        except (OSError, shutil.Error) as exc:
            found.update(ok=False, reason=f"{kept}: not written: {exc}")
        found["path"] = str(kept)
    return found
