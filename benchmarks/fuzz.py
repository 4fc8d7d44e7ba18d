"""Feed generated and damaged sources to ``rewrite``: no crash, no hang, nothing broken, twice is once.

    python benchmarks/fuzz.py FOLDER... [--inputs 20000] [--seconds 5] [--seed 1]

Mutations of real files and of the rules' own examples, and, where ``hypothesmith`` is installed, generated programs.
Half of the mutations are of bytes (deleted, doubled, swapped, lines moved), most of which are no Python any more; the
other half exchange expressions, statements and names, and are nearly always.  Exit code 1 when something was found; the
input is kept in the working folder.
"""

from __future__ import annotations

import argparse
import ast
import copy
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from transpile_hybrid.api import rewrite
from transpile_hybrid.rules.registry import all_rules
from transpile_hybrid.source.source import Source, SourceError

SPICE = [
    b"\x00", b"\xff", b"\r", b"\r\n", b"\x0c", b"\t", b"(", b")", b"'''", b"\\\n", b"lambda: ", b"await ", b"*", b"**",
    b"async ", b"yield ", b"# hybrid: ignore[THT101]", "é".encode(), "😀".encode(), b"\xef\xbb\xbf",
]  # fmt: skip


class Hang(Exception):
    """One input took too long."""


def mutated(data: bytes, generator: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    begin = generator.randrange(max(1, len(lines) - 60))
    data = b"".join(lines[:20] + lines[begin : begin + generator.randint(5, 120)])
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(data) + 1)
        end = min(len(data), at + generator.randint(0, 30))
        kind = generator.randrange(6)
        if kind == 0:
            data = data[:at] + data[end:]
        elif kind == 1:
            data = data[:end] + data[at:end] + data[end:]
        elif kind == 2:
            data = data[:at] + generator.choice(SPICE) + data[at:]
        elif kind == 3:
            data = data.replace(b"\n", b"\r\n")
        elif kind == 4:
            lines = data.splitlines(keepends=True)
            generator.shuffle(lines[5:])
            data = b"".join(lines)
        else:
            words = data.split(b" ")
            if len(words) > 2:
                i, j = generator.randrange(len(words)), generator.randrange(len(words))
                words[i], words[j] = words[j], words[i]
            data = b" ".join(words)
    return data


SNIPPETS = [
    "None", "(yield)", "await x", "lambda *a, **k: a", "[*x]", "{**x}", "x if x else x", "(x := 1)", "x[..., None]",
    "f'{x!r:>{x}}'", "'a' 'b'", "b''", "1j", "x[1:2, ::3]", "self.forward", "super().forward(x)", "x.shape[0]", "...",
    "not x", "x < x < x", "-x ** -x", "(x,)", "()", "float(x)", "print(x)", "x @ x", "[y for y in x if y]", "[x, x]",
]  # fmt: skip
LINES = [
    "pass", "return x", "x = x", "x += x", "del x", "global x", "raise", "assert x, x", "import os", "x[:] = x",
    "print(x)", "if x: return x", "for x in x: continue", "with x as x: pass", "x = y = x; x = x", "yield x",
    "try: x\nexcept: pass", "@x\ndef x(x, /, *, y=1): pass", "while x:\n    break\nelse: pass", "x: int = x",
    "match x:\n    case [x, *y]: pass", "class x(x): pass", "async def x(): return [x async for x in x]", "# x",
]  # fmt: skip


def exchanged(text: str, generator: random.Random) -> bytes:
    """Exchange parts of a program by each other: expressions, statements of one block, names; or by odd ones."""
    tree = ast.parse(text)
    size = generator.randint(1, 4)
    chosen = set(generator.sample(range(len(tree.body)), min(size, len(tree.body))))
    tree.body = [
        node
        for number, node in enumerate(tree.body)
        if number in chosen or isinstance(node, ast.Import | ast.ImportFrom)
    ]
    tree = ast.parse(ast.unparse(tree)) if generator.random() < 0.3 else tree
    good = ast.unparse(tree)
    for _ in range(generator.randint(1, 6)):
        expressions = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
        blocks = [
            block
            for node in ast.walk(tree)
            for name in ("body", "orelse", "finalbody")
            if isinstance(block := getattr(node, name, None), list) and block
        ]
        names = [node for node in expressions if isinstance(node, ast.Name)]
        kind = generator.randrange(6)
        block = generator.choice(blocks)
        at = generator.randrange(len(block))
        if kind == 0 and expressions:
            one, two = generator.choice(expressions), generator.choice(expressions)
            _become(one, copy.deepcopy(two))
        elif kind == 1 and expressions:
            _become(generator.choice(expressions), ast.parse(generator.choice(SNIPPETS), mode="eval").body)
        elif kind == 2:
            block[at:at] = ast.parse(generator.choice(LINES)).body
        elif kind == 3:
            other = generator.choice(blocks)
            block[at] = copy.deepcopy(generator.choice(other))  # which may hold this block
        elif kind == 4 and len(block) > 1:
            del block[at]
        elif names:
            generator.choice(names).id = generator.choice(names).id
        try:
            tree = ast.parse(ast.unparse(tree))
        except (SyntaxError, ValueError, RecursionError):
            tree = ast.parse(good)
        good = ast.unparse(tree)
    text = good
    lines = text.split("\n")
    for _ in range(generator.randrange(3)):
        at = generator.randrange(len(lines))
        lines[at] += generator.choice(["  # why", ";", "  ", "  # é😀", "  # hybrid: ignore[THT101]", "\n"])
    newline = generator.choice(["\n", "\n", "\r\n"])
    indent = generator.choice(["    ", "    ", "  ", "\t"])
    out = []
    for line in lines:
        bare = line.lstrip(" ")
        depth = (len(line) - len(bare)) // 4
        out.append(indent * depth + bare)
    return (newline.join(out) + generator.choice(["", newline])).encode("utf-8", "replace")


def _become(node: ast.expr, other: ast.expr) -> None:
    node.__class__ = other.__class__  # type: ignore[assignment]
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)


def generated(number: int, seed: int) -> Iterator[bytes]:
    try:
        import hypothesmith
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import seed as seeded
    except ImportError:
        return
    if not number:
        return
    found: list[str] = []

    @seeded(seed)
    @settings(
        max_examples=number,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(hypothesmith.from_node())
    def collect(text: str) -> None:
        found.append(text)

    collect()
    for text in found:
        yield ("import torch\n" + text).encode("utf-8", "replace")


def parses(text: str) -> bool:
    try:
        return bool(ast.parse(text).body)
    except (SyntaxError, ValueError):
        return False


def judge(data: bytes) -> str:
    """Return what came of one input; raises where something is wrong."""
    try:
        source = Source.from_bytes(data, "fuzz.py")
    except SourceError:
        return "not decodable"
    assert source.to_bytes() == data, "reading and writing changes bytes"
    (report,) = rewrite([source], ["all"], unsafe=True)
    if report.error:
        assert not report.internal and "internal" not in report.error, report.internal or report.error
        return "not parsable"
    assert report.result is not None
    after = report.result.after
    after.tree  # noqa: B018
    if not report.changed:
        return "unchanged"
    (again,) = rewrite([after], ["all"], unsafe=True)
    assert again.result is not None and not again.changed, "the second run changes something"
    return "rewritten"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--generated", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    corpus = [file.read_bytes() for folder in options.folders for file in sorted(folder.rglob("*.py"))]
    corpus = [data for data in corpus if b"class " in data]
    programs = [example.before for rule in all_rules() for example in rule.examples]
    programs += [data.decode("utf-8", "replace") for data in corpus if len(data) < 12_000]
    programs = [text for text in programs if parses(text)]
    examples = [text for text in programs if len(text) < 1_500]

    def alarm(*_: object) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, alarm)
    counts: Counter[str] = Counter()
    begun = time.monotonic()

    def inputs() -> Iterator[bytes]:
        yield from generated(options.generated, options.seed)
        while True:
            yield mutated(generator.choice(corpus), generator)
            yield exchanged(generator.choice(generator.choice((programs, examples))), generator)

    for number, data in enumerate(inputs()):
        if number >= options.inputs or time.monotonic() - begun > options.minutes * 60:
            break
        signal.alarm(options.seconds)
        try:
            counts[judge(data)] += 1
        except (Hang, Exception) as exc:  # noqa: B014
            counts["FOUND"] += 1
            Path(f"fuzz-{options.seed}-{number}.py").write_bytes(data)
            print(f"input {number}: {type(exc).__name__}: {str(exc).strip().splitlines()[-1:] or ''}", flush=True)
        finally:
            signal.alarm(0)
    print(f"{sum(counts.values())} inputs in {time.monotonic() - begun:.0f} s: {dict(counts.most_common())}")
    return 1 if counts["FOUND"] else 0


if __name__ == "__main__":
    sys.exit(main())
