"""What ``verify`` found for one unit and one target.  Plain data: every report is made from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

VERDICT_SCHEMA = 1
# What no call covered, among the checks: optional arguments without a value, and lines of the original's file.
NEVER_GIVEN, NEVER_REACHED = "arguments never given", "lines never reached"
TRACES = "traces"  # how often the compiled side was traced, where the framework counts that
TRACED_ANEW = "traced anew"  # where most calls were: a Python number among the arguments is a trace of its own
CANNOT_COMPILE = "cannot be compiled: "  # how the reason begins where the target's compiler refused
RENAMED = "full names of parameters"  # the check's name in the worker
ALONE = "functions not run on their own"  # unchanged, and what they take isn't known


@dataclass
class Speed:
    """The measured speed of the second side against the first.

    ``word`` is ``faster``, ``slower``, ``same`` or ``undecided``; ``ratio`` is the median of the pair ratios
    (first / second: above 1 means that the second is faster) and ``low``, ``high`` its 99% bootstrap interval.
    ``before_us`` and ``after_us`` are median microseconds per call; ``compile_s`` is what the first compiled call cost
    beyond a later one, in seconds; ``break_even_calls`` is the number of calls after which compiling has paid
    (``None``: never, or not proven).  ``aa`` is the word that the A/A leg of the same run gave.
    """

    word: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    before_us: float | None = None
    after_us: float | None = None
    compile_s: float | None = None
    break_even_calls: float | None = None
    pairs: int = 0
    aa: str | None = None
    why: str = ""


@dataclass
class Verdict:
    """What was found for one unit.

    ``equivalent`` is ``True`` (every check passed), ``False`` (a difference, or one side fails) or ``None`` (could not
    be run: *not verified*; ``reason`` says why).  ``checks`` maps the name of each check that was made to ``"ok"``, to
    ``"ok: ..."`` with a remark, or to what differed.  ``inputs`` says where the inputs came from: ``given``,
    ``declared``, ``recorded`` or ``inferred``.  ``target`` is ``None`` when the files were compared as they stand.
    ``setting`` is the setting of the target that ``--target auto`` tried (empty: the usual one) and ``chosen`` says
    that it is the one to use.  ``training`` is the speed of a training step, forward and backward, where that was asked
    for; ``memory`` the peak resident memory in megabytes of the processes that made the calls (``before_mb``,
    ``after_mb``), framework and compiler included.
    """

    unit: str
    target: str | None
    before: str
    after: str
    equivalent: bool | None
    reason: str = ""
    speed: Speed | None = None
    checks: dict[str, str] = field(default_factory=dict)
    inputs: str = ""
    max_abs_err: float | None = None
    framework: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    export: dict[str, Any] | None = None
    setting: str = ""
    chosen: bool = False
    training: Speed | None = None
    memory: dict[str, float] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """``equal``, ``different``, ``cannot compile`` (the target refused it) or ``not verified``, for people."""
        if self.cannot_compile:
            return "cannot compile"
        return {True: "equal", False: "different", None: "not verified"}[self.equivalent]

    @property
    def cannot_compile(self) -> bool:
        """Whether the target's compiler refused the second side: nothing ran that could differ."""
        return self.equivalent is False and self.reason.startswith(CANNOT_COMPILE)

    def to_json(self) -> dict[str, Any]:
        """Return this verdict as JSON-ready data; the shape is documented in docs/formats.md."""
        data = asdict(self)
        data["state"] = self.state
        data["speed"] = self.speed.word if self.speed else None
        data["ratio"] = None if self.speed is None else self.speed.ratio
        data["interval"] = [self.speed.low, self.speed.high] if self.speed and self.speed.low is not None else None
        data["timing"] = asdict(self.speed) if self.speed else None
        return data

    @staticmethod
    def from_json(data: dict[str, Any]) -> Verdict:
        """Undo :meth:`to_json`.  Raises ``KeyError`` or ``TypeError`` for other data."""
        fields = {name: data[name] for name in Verdict.__dataclass_fields__ if name != "speed"}
        timing = data["timing"]
        training = fields.pop("training")
        verdict = Verdict(**fields, speed=None if timing is None else Speed(**timing))
        verdict.training = None if training is None else Speed(**training)
        return verdict


def by_unit(verdicts: list[Verdict]) -> dict[tuple[str, str], list[Verdict]]:
    """Group verdicts by (path, unit), in their order."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault((verdict.after, verdict.unit), []).append(verdict)
    return found
