"""``rewrite --with-compiler``: the loop over the files of a run, and what is told of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from ..report.diagnostics import plural
from ..run.check import Found
from ..run.compiler_loop import Loop, Looped
from ..run.judge import found_of
from ..run.repository import Repository
from ..run.rewrite import Rewritten
from ..run.verified import runnable, targets_of
from ..source.source import Source, SourceError
from ..verify import VerifyError, VerifyOptions
from .common import note, style
from .progress import Progress


@dataclass
class Compiled:
    """What the compilers said, file by file; ``errors`` are files that could not be worked with."""

    files: list[Looped] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many pairs of a unit and a target are refused."""
        return sum(len(one.refusals) for one in self.files)


def compile_rewritten(done: Rewritten, found: Found, opts: dict[str, Any]) -> Compiled:
    """Let the compilers judge what was rewritten, and what was not; ``done`` is brought up to date."""
    changed = {os.path.abspath(before.path): (before, after) for before, after in done.changed}
    overlay = {path: after for path, (_, after) in changed.items()}
    loop = Loop(
        Repository(found.files, dict(overlay)),
        VerifyOptions(python=opts["python"], speed=False),
        {path: after.text for path, after in overlay.items()},
        opts["unsafe"],
        opts["format_"],
    )
    told = Compiled()
    with Progress("compiling") as progress:
        loop.say = progress.say
        for number, path in enumerate(found.files):
            result = done.results[number]
            targets = targets_of(found.configs[path].targets, {unit.framework for unit in result.units})
            if not targets or result.error:
                continue
            try:
                before, after = changed.get(os.path.abspath(path)) or (Source.read(path),) * 2
                if not runnable(before):
                    continue
                looped = loop.run(after, found.configs[path], targets)
            except (VerifyError, SourceError) as exc:
                told.errors.append(str(exc))
                continue
            progress.count(number + 1, len(found.files))
            told.files.append(looped)
            if looped.written:
                changed[os.path.abspath(path)] = (before, looped.source)
                loop.neighbours[os.path.abspath(path)] = looped.source.text
                result.found = [found_of(looped.source, one) for one in looped.remaining]
                done.applied += len(looped.written)
    done.changed = [pair for pair in changed.values() if pair[0].text != pair[1].text]
    return told


def tell(compiled: Compiled) -> None:
    """Print what was learned by running, what compilers still refuse, and a line that counts."""
    for one in compiled.files:
        for unit in one.gained:
            kinds = ", ".join(f"{w.name}: {w.kind}" for w in one.written)
            note(f"{one.source.path}:{unit}: {style('compiles now', fg='green')}, with types that were seen: {kinds}")
        for refusal, code in one.refusals:
            place = f"{one.source.path}:{refusal.line}" if refusal.line else one.source.path
            told = f"{code} tells of it" if code else "no rule tells of it"
            verb = "gives another result for" if refusal.different else "refuses"
            what = "" if refusal.different else f": {refusal.what}"
            note(f"{place}: {style(f'{refusal.target} {verb}', fg='red')} {refusal.unit}{what} ({told})")
        for unit, why in one.unrun:
            note(f"{one.source.path}:{unit}: not compiled: {why}")
    taken = sum(one.taken for one in compiled.files)
    unrun = sum(len(one.unrun) for one in compiled.files)
    untold = sum(not code for one in compiled.files for _, code in one.refusals)
    more = f" ({untold} that no rule tells of)" if untold else ""
    note(f"compilers: {plural(taken, 'unit')} taken, {compiled.refused} refused{more}, {unrun} that could not be run.")
