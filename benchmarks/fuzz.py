"""Feed generated and damaged sources to ``rewrite``: no crash, no hang, nothing broken, twice is once.

    python benchmarks/fuzz.py FOLDER... [--inputs 20000] [--seconds 5] [--seed 1]

Mutations of real files (bytes deleted, doubled, swapped, lines moved, tokens exchanged), and, where ``hypothesmith`` is
installed, generated programs.  Exit code 1 when something was found; the input is kept in the working folder.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from transpile_hybrid.api import rewrite
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


def generated(number: int, seed: int) -> Iterator[bytes]:
    try:
        import hypothesmith
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import seed as seeded
    except ImportError:
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

    def alarm(*_: object) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, alarm)
    counts: Counter[str] = Counter()
    begun = time.monotonic()

    def inputs() -> Iterator[bytes]:
        yield from generated(options.generated, options.seed)
        while True:
            yield mutated(generator.choice(corpus), generator)

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
