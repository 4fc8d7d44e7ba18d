"""``rewrite --with-compiler``: the compilers' own answers, and what running the code tells that reading it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..api import RewriteReport
from ..config import Config
from ..diagnostics import Diagnostic
from ..rules.torch._observed import Wanted, annotated, mentions, wanted_of
from ..source.source import Source
from ..verify.attempts import Attempt, Refusal, Seen, attempt_units
from ..verify.options import VerifyOptions
from ..verify.plan import Text, candidates
from .repository import Repository
from .rewriting import rewrite_all

TYPED = "torch.script"
"""The target that wants types."""
_ROUNDS = 4
_SAYS: tuple[tuple[str, str], ...] = (
    (r"because it was not annotated|Expected a value of type 'Tensor \(inferred\)'", "THT507"),
    (r"variable number of arguments", "THT501"),
    (r"is not defined in the (true|false) branch|possibly undefined", "THT301"),
    (r"Previous return statement|Return value was annotated", "THT302"),
    (r"GuardOnDataDependent|[Dd]ata-dependent|data dependent", "THT303"),
    (r"Tensor\.item|\.tolist|\.numpy\(\)", "THT101"),
    (r"Python builtin .* is currently not supported|Unknown builtin op", "THT613"),
    (r"python value of type", "THT511"),
)
"""What compilers say, and the rule that is about it."""


@dataclass
class Looped:
    """What became of one file.

    ``source`` is its text now, ``remaining`` what the rules still find in it; ``written`` are the annotations that were
    made of what was seen, ``gained`` the units that a target takes because of them.  ``refusals`` are those of the new
    text, each with the code of the rule that tells of it (empty: none does); ``unrun`` are units that could not be run,
    with the reason.  ``taken`` counts pairs of a unit and a target that takes it.
    """

    source: Source
    remaining: list[Diagnostic] = field(default_factory=list)
    written: list[Wanted] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    refusals: list[tuple[Refusal, str]] = field(default_factory=list)
    unrun: list[tuple[str, str]] = field(default_factory=list)
    taken: int = 0


@dataclass
class Loop:
    """The loop over files of one run; ``repository`` holds the texts as they are now, ``neighbours`` those that differ
    from what is on the disk, by absolute path."""

    repository: Repository
    options: VerifyOptions
    neighbours: dict[str, str] = field(default_factory=dict)
    unsafe: bool = False
    format: bool | None = None
    say: Callable[[str], None] = lambda _: None

    def run(self, source: Source, config: Config, targets: Sequence[str]) -> Looped:
        """Compile the units of a rewritten source, write down what is seen where that helps, and rewrite it again.

        Runs the code.  Only what makes a target take a unit, with a result close to the eager one, is kept.  Raises
        :class:`~transpile_hybrid.verify.options.VerifyError`.
        """
        done = Looped(source)
        attempts = self._attempts(source, targets)
        for _ in range(_ROUNDS):
            better = self._better(done, attempts, config, targets)
            if better is None:
                break
            attempts = better
        done.remaining = self._rewritten(done.source, config)[1]
        done.taken = len(_taken(attempts, targets))
        for one in attempts:
            if one.why:
                done.unrun.append((one.unit, one.why))
                continue
            done.refusals += [(r, told_by(r, done.source, done.remaining)) for r in one.refused.values()]
        return done

    def _better(
        self, done: Looped, attempts: list[Attempt], config: Config, targets: Sequence[str]
    ) -> list[Attempt] | None:
        """Try one more rewriting of ``done``; return the attempts at it where it is kept."""
        failing = [one for one in attempts if TYPED in one.refused]
        wanted = _wanted(done.source, failing, attempts)
        if not wanted:
            return None
        for _ in range(2):  # all that was seen, then only what those need that are taken now
            text, _ = self._rewritten(annotated(done.source, wanted), config)
            again = self._attempts(text, targets)
            taken, before = _taken(again, targets), _taken(attempts, targets)
            gained = taken - before
            if not gained or before - taken:
                return None
            names = {unit for unit, _ in gained}
            needed = _wanted(done.source, [one for one in failing if one.unit in names], attempts)
            if all(one in needed for one in wanted):
                done.source, done.gained = text, [*done.gained, *sorted(names)]
                done.written += wanted
                return again
            wanted = needed
        return None

    def _attempts(self, source: Source, targets: Sequence[str]) -> list[Attempt]:
        names = [name for name, kind in candidates(source.tree).items() if kind != "function"]
        text = Text(source.path, source.text, self.neighbours)
        return attempt_units(text, targets, self.options, names=names, say=self.say)

    def _rewritten(self, source: Source, config: Config) -> tuple[Source, list[Diagnostic]]:
        self.repository.put(source)
        report: RewriteReport
        (report,) = rewrite_all(
            [source], lambda _: config, unsafe=self.unsafe, format=self.format, repository=self.repository
        )
        if report.result is None:
            return source, []
        return report.result.after, report.result.remaining


def _taken(attempts: list[Attempt], targets: Sequence[str]) -> set[tuple[str, str]]:
    """Return pairs of a unit and a target that does not refuse it."""
    return {(one.unit, target) for one in attempts if not one.why for target in targets if target not in one.refused}


def _wanted(source: Source, failing: list[Attempt], every: list[Attempt]) -> list[Wanted]:
    """Return the annotations of what the failing units ran; the types are those that all units gave them."""
    attributes = _merged([one.attributes for one in every])
    ran = {key for one in failing for key in one.functions}
    # a helper that only the constructor has called so far is compiled where something that ran mentions it
    mentioned = mentions(source, ran)
    ran |= {key for one in failing for key in one.built if key.partition(":")[2] in mentioned}
    functions = _merged([seen for one in every for seen in (one.functions, one.built)])
    held = {key for one in failing for key in one.attributes}
    return wanted_of(
        source,
        {key: seen for key, seen in functions.items() if key in ran},
        {key: seen for key, seen in attributes.items() if key in held},
    )


def _merged(seen: list[Seen]) -> Seen:
    found: Seen = {}
    for one in seen:
        for owner, names in one.items():
            for name, kinds in names.items():
                known = found.setdefault(owner, {}).setdefault(name, [])
                known += [kind for kind in kinds if kind not in known]
    return found


def told_by(refusal: Refusal, source: Source, findings: list[Diagnostic]) -> str:
    """Return the code of the rule that tells of a refusal; empty where no finding does.

    A finding does that is on the line which the compiler names, or one of the rule that is about such messages in the
    same unit.
    """
    for finding in findings:
        if refusal.target not in finding.targets:
            continue
        first, last = source.position(finding.span.start)[0], source.position(finding.span.end)[0]
        if first <= refusal.line <= last:
            return finding.code
    about = {code for pattern, code in _SAYS if re.search(pattern, refusal.what)}
    mine = [one.code for one in findings if one.code in about and one.unit.partition(".")[0] == refusal.unit]
    return mine[0] if mine else ""
