"""What becomes of the functions of public TensorFlow code that compute on tensors.

    python benchmarks/tf_corpus.py ROOT... [--target tf.function] [--json OUT] [--write DIR]

Each ROOT is a repository or an installed package: its ``.py`` files, and the Python of its Markdown and notebooks (of
tabbed documents the tab ``tensorflow``), are checked and rewritten together.  *Considered* are the functions that take
tensors and compute on them, and those that are tf.functions already.  Each is counted once, as

* hybrid: it was a tf.function before;
* hybridized: rewriting made it one, or it only runs inside of one that it made;
* flagged: an error or a silent difference stands in the way, in it or in what it reaches (counted by code);
* left: something else speaks against it (counted by reason).

``--write`` puts the sources and the rewritten ones below a folder (``before/``, ``after/``), for ``tf_run.py``.
Printed are the tables, milliseconds per 1,000 lines and functions per second (check and rewrite, CPU time, functions:
all that the files define).  Exit code 1 on a crash or a second run that changes something.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from transpile_hybrid.api import rewrite
from transpile_hybrid.config import Config
from transpile_hybrid.diagnostics import Consequence, Diagnostic
from transpile_hybrid.meaning.module import Module
from transpile_hybrid.rules.tensorflow._plan import Decision
from transpile_hybrid.rules.tensorflow._program import Program, Unit
from transpile_hybrid.run.judge import Judge
from transpile_hybrid.run.repository import Repository
from transpile_hybrid.source.document import is_document, read_document
from transpile_hybrid.source.finder import Trail
from transpile_hybrid.source.source import Source, SourceError

_ABOUT = re.compile(r"tensorflow|keras|\btf\b|d2l")


@dataclass
class Found:
    """One function: where it is, what became of it, the codes found in it and what it reaches, why it was left."""

    root: str
    path: str
    name: str
    line: int
    state: str
    codes: list[str] = field(default_factory=list)
    reason: str = ""


@dataclass
class Corpus:
    """What became of one root."""

    name: str
    sources: int = 0
    lines: int = 0
    functions: int = 0
    changed: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


def sources_of(root: Path) -> list[Source]:
    """Return all Python of a root that is about TensorFlow; of documents the stream for it."""
    found: list[Source] = []
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
    for path in files:
        try:
            if path.suffix == ".py":
                source = Source.read(str(path))
                source.tree  # noqa: B018
                wanted = [source]
            elif is_document(str(path)):
                streams = read_document(str(path)).streams()
                tabs = [s for s in streams if s.name == "tensorflow"] or [s for s in streams if s.name in ("", "all")]
                wanted = [stream.source for stream in tabs]
                for source in wanted:
                    source.tree  # noqa: B018
            else:
                continue
        except SourceError:
            continue
        found += [source for source in wanted if _ABOUT.search(source.text)]
    return found


def judged(sources: list[Source], target: str) -> Iterator[tuple[Source, Module, list[Diagnostic]]]:
    """Yield each source with its module, in which the rules have left what they decided, and what they found."""
    paths = [source.path for source in sources]
    judge = Judge(Repository(paths, dict(zip(paths, sources, strict=True))))
    config = Config().with_options(target=(target,))
    for source in sources:
        module = judge.repository.module_of(source)
        yield source, module, judge.diagnose(module, config, Trail())[0]
        judge.dispose()


def considered(module: Module) -> list[tuple[Unit, Decision | None]]:
    """Return the tf.functions of a module, and those that compute on tensors with the decision about each."""
    program = module.__dict__.get("_tensorflow_program")
    if not isinstance(program, Program):
        return []
    made: list[Decision] = module.__dict__.get("_tensorflow_decisions", (None, []))[1]
    decided = {id(decision.unit): decision for decision in made}
    return [
        (unit, decided.get(id(unit)))
        for unit in program.units.values()
        if unit.hybrid is not None or id(unit) in decided
    ]


def codes_of(module: Module, unit: Unit, found: list[Diagnostic]) -> list[str]:
    """Return the codes of errors and silent differences in ``unit`` and what it reaches."""
    program = module.__dict__["_tensorflow_program"]
    spans = [module.source.span(function) for function in program.reach(unit.function)]
    own = module.source.span(unit.function)
    return sorted(
        {
            one.code
            for one in found
            if one.consequence is not Consequence.SPEED
            and any(
                span.start <= one.span.start and one.span.end <= span.end
                for span in ([own] if one.code == "THF506" else spans)  # of what a tf.function itself returns
            )
        }
    )


def covered(module: Module) -> set[str]:
    """Return the names of all functions that a tf.function of ``module`` runs."""
    program = module.__dict__.get("_tensorflow_program")
    if not isinstance(program, Program):
        return set()
    return {unit.name for unit in program.units.values() if id(unit.function) in program.hybrid_reach}


def measure(root: Path, target: str, write: Path | None) -> Corpus:
    """Check and rewrite one root."""
    sources = sources_of(root)
    corpus = Corpus(root.name, len(sources), sum(source.text.count("\n") for source in sources))
    begun = time.process_time()
    reports = rewrite(sources, [target])
    corpus.seconds = time.process_time() - begun
    corpus.changed = sum(report.changed for report in reports)
    corpus.problems = [report.error for report in reports if report.internal]
    after = [report.result.after if report.result else report.source for report in reports]
    corpus.problems += [f"{r.source.path}: changed again" for r in rewrite(after, [target]) if r.changed]
    made = {source.path: covered(module) for source, module, _ in judged(after, target)}
    for source, module, found in judged(sources, target):
        corpus.functions += len(module.scopes.functions)
        for unit, decision in considered(module):
            codes = codes_of(module, unit, found)
            state, reason = "left", decision.reason if decision is not None else ""
            if unit.hybrid is not None:
                state = "hybrid"
            elif unit.name in made[source.path]:
                state = "hybridized"
            elif codes:
                state = "flagged"
            path = str(Path(source.path).relative_to(root)) if not root.is_file() else root.name
            corpus.found.append(Found(root.name, path, unit.name, unit.function.lineno, state, codes, reason))
    if write is not None:
        for source, result in zip(sources, after, strict=True):
            for folder, one in (("before", source), ("after", result)):
                place = write / folder / root.name / Path(source.path).relative_to(root)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(one.to_bytes())
    return corpus


def general(reason: str) -> str:
    """Return a reason without the names that are in it."""
    return re.sub(r"^[\w, ]+: a Python number", "_: a Python number", re.sub(r"`[^`]*`", "`_`", reason))


STATES = ("hybrid", "hybridized", "flagged", "left")


def report(corpora: list[Corpus]) -> None:
    """Print the tables."""
    heads = ("sources", "lines", "functions", "considered", *STATES, "ms/1,000 lines", "functions/s")
    print(f"{'corpus':26}" + "".join(f"{head:>15}" for head in heads))
    for corpus in corpora:
        states = Counter(one.state for one in corpus.found)
        row: list[str] = [str(n) for n in (corpus.sources, corpus.lines, corpus.functions, len(corpus.found))]
        row += [str(states[state]) for state in STATES]
        row += [f"{corpus.seconds / max(corpus.lines, 1) * 1e6:.0f}", f"{corpus.functions / corpus.seconds:.0f}"]
        print(f"{corpus.name:26}" + "".join(f"{cell:>15}" for cell in row))
    found = [one for corpus in corpora for one in corpus.found]
    print("\nflagged, by code (a function may have several)")
    for code, number in Counter(code for one in found if one.state == "flagged" for code in one.codes).most_common():
        print(f"{number:6}  {code}")
    print("\nleft, by reason")
    for reason, number in Counter(general(one.reason) for one in found if one.state == "left").most_common():
        print(f"{number:6}  {reason}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--target", default="tf.function", choices=("tf.function", "tf.xla"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    corpora = []
    for root in options.roots:
        corpora.append(measure(root, options.target, options.write))
        for problem in corpora[-1].problems:
            print(problem, file=sys.stderr)
    report(corpora)
    if options.json:
        options.json.write_text(
            json.dumps([asdict(one) for corpus in corpora for one in corpus.found], indent=1), encoding="utf-8"
        )
    return 1 if any(corpus.problems for corpus in corpora) else 0


if __name__ == "__main__":
    sys.exit(main())
