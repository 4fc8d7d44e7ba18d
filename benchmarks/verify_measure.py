"""What a verdict on speed is worth, and what a verdict costs.

    python benchmarks/verify_measure.py aa --count 200        identical code: how often "faster" or "slower"? (aim: 1%)
    python benchmarks/verify_measure.py power --count 40      1.10 and 1.30 planted: how often "faster"? (70%, always)
    python benchmarks/verify_measure.py cost                  seconds for one verification, cold and warm, by framework
    python benchmarks/verify_measure.py units --count 100     100 units in one run
    python benchmarks/verify_measure.py auto FILES            what --target auto chooses, against exhaustive timing
    python benchmarks/verify_measure.py floor FILES           multilayer perceptrons (512, 256, 128, 2) against NumPy

FILES: those in ``fixtures/*/before`` and ``models/`` hold 13 models or more for each framework.
``--load N`` keeps N processes busy meanwhile.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import math
import multiprocessing
import statistics
import sys
import tempfile
import time
import timeit
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.verify.planted_mxnet import BASE as MXNET  # noqa: E402
from tests.verify.planted_tensorflow import BASE as TENSORFLOW  # noqa: E402
from tests.verify.planted_torch import BASE as TORCH  # noqa: E402
from transpile_hybrid.api import rewrite, verify  # noqa: E402
from transpile_hybrid.source.source import Source  # noqa: E402
from transpile_hybrid.targets import TARGETS  # noqa: E402
from transpile_hybrid.verify import Verdict, VerifyOptions, api, verify_pairs, verify_texts  # noqa: E402
from transpile_hybrid.verify.options import never  # noqa: E402
from transpile_hybrid.verify.pair import Pair  # noqa: E402
from transpile_hybrid.verify.plan import Text  # noqa: E402
from transpile_hybrid.verify.session import duel, run_pair, time_leg  # noqa: E402

WORK = """import torch


class Model(torch.nn.Module):
    def forward(self, x):
        for _ in range({count}):
            torch.tanh(x)
        return x * 2


def example_inputs():
    return torch.linspace(-1, 1, 4096)
"""
IDENTICAL = {"torch": TORCH, "work": WORK.format(count=40), "mxnet": MXNET, "tensorflow": TENSORFLOW}


def _busy() -> None:
    while True:
        sum(range(10_000))


@contextlib.contextmanager
def load(count: int) -> Iterator[None]:
    """Keep ``count`` processes busy."""
    processes = [multiprocessing.Process(target=_busy, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()


def words(before: str, after: str, count: int, label: str, options: argparse.Namespace) -> None:
    """Verify a pair many times and print how often each word came."""
    found: collections.Counter[str] = collections.Counter()
    ratios = []
    with load(options.load):
        for _ in range(count):
            chosen = VerifyOptions(unit="Model", python=sys.executable, budget=options.budget, timeout=120.0)
            (verdict,) = verify_texts(before, after, path="model.py", options=chosen)
            speed = verdict.speed
            found[speed.word if speed else f"not timed: {verdict.reason[:60]}"] += 1
            ratios += [speed.ratio] if speed and speed.ratio else []
    middle = statistics.median(ratios) if ratios else math.nan
    print(f"{label}: {count} runs, median ratio {middle:.3f}: {dict(found)}", flush=True)


def cost(options: argparse.Namespace) -> None:
    """Print what one verification costs: the first of a process, then with the framework imported, then with timing."""
    for name, text in (("torch", TORCH), ("mxnet", MXNET), ("tensorflow", TENSORFLOW)):
        for label, speed in (("cold", False), ("warm", False), ("warm, with timing", True)):
            begun = time.perf_counter()
            chosen = VerifyOptions(unit="Model", python=sys.executable, speed=speed, timeout=120.0)
            (verdict,) = verify_texts(text, text, path="model.py", options=chosen)
            seconds = time.perf_counter() - begun
            print(f"{name}, {label}: {seconds:.1f} s, {verdict.state}", flush=True)


def units(options: argparse.Namespace) -> None:
    """Print what many units in one run cost."""
    sides = [Text(f"model{i}.py", WORK.format(count=2 + i)) for i in range(options.count)]
    begun = time.perf_counter()
    found = verify_pairs([Pair(s, s) for s in sides], VerifyOptions(python=sys.executable, speed=False, timeout=120.0))
    seconds = time.perf_counter() - begun
    equal = sum(isinstance(one, list) and one[0].equivalent is True for one in found)
    print(f"{options.count} units: {seconds:.0f} s, {seconds / options.count:.2f} s each, {equal} equal")


def ratio(verdicts: list[Verdict], target: str | None, setting: str) -> float:
    """Return the measured ratio of a target and setting, 1 (eager) where it isn't equal or wasn't timed."""
    for v in verdicts:
        if v.target == target and v.setting == setting and v.equivalent and v.speed and v.speed.ratio:
            return v.speed.ratio
    return 1.0


CLOSE = 0.7  # settings whose ratio to the original is at least this share of the chosen one's are raced against it


def timed_again(
    pair: Pair, verdicts: list[Verdict], best: Verdict | None, options: VerifyOptions
) -> tuple[list[Verdict], float]:
    """Time all verdicts of one unit anew, each with the whole budget in a process of its own.

    Return them and how much faster than the choice ``best`` (``None``: eager) the fastest of all is, at least 1: raced
    against it side by side, as two ratios to eager measured minutes apart differ by what the machine did meanwhile.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = api._prepare(pair, Path(folder) / "0", replace(options, unit=verdicts[0].unit), print, never)
        assert isinstance(prepared, api._Prepared)
        (unit,) = prepared.units
        _, _, values = run_pair(unit, unit.job(unit.after, first=False), False)
        assert values is not None
        found = [replace(verdict, speed=None) for verdict in verdicts]
        for verdict in found:
            verdict.speed = time_leg(unit, verdict, values, lambda _: None)
        if best is None:
            return found, max([1.0] + [v.speed.ratio for v in found if v.speed and v.speed.ratio])
        mine, gap = ratio(found, best.target, best.setting), 1.0
        for verdict in found:
            same = (verdict.target, verdict.setting) == (best.target, best.setting)
            if not same and ratio(found, verdict.target, verdict.setting) >= CLOSE * mine:
                gap = max(gap, duel(unit, best, verdict, values, lambda _: None).ratio or 1.0)
    return found, max(gap, 1 / mine)


def auto(options: argparse.Namespace) -> None:
    """Print the choice for each file, and how far timing all of it anew says it is from the best."""
    logs: dict[str, list[float]] = collections.defaultdict(list)
    near = total = 0
    chosen = VerifyOptions(python=sys.executable, budget=options.budget, timeout=120.0)
    for file in options.files:
        source = Source.read(file)
        (report,) = rewrite([source], tuple(TARGETS))
        if report.result is None:
            print(f"{file}: {report.error}")
            continue
        sides = Text(source.path, source.text), Text(source.path, report.result.after.text)
        run = verify(source, report.result.after, ["auto"], options=chosen)
        for unit in dict.fromkeys(v.unit for v in run):
            first = [v for v in run if v.unit == unit]
            if not any(v.equivalent and v.target for v in first):
                print(f"{file}:{unit}: left out, {first[0].reason or 'not equal'}", flush=True)
                continue
            best = next((v for v in first if v.chosen), None)
            second, gap = timed_again(Pair(*sides), [v for v in first if v.equivalent], best, chosen)
            target, setting = (best.target, best.setting) if best else (None, "")
            mine = ratio(second, target, setting)
            total += 1
            near += gap <= 1 / 0.95
            for name in {v.target for v in second if v.target}:
                logs[f"always {name}"].append(math.log(ratio(second, name, "")))
            logs["auto"].append(math.log(mine))
            name = f"{target} {setting}".strip() if target else "eager"
            print(f"{file}:{unit}: {name} {mine:.2f}x, the best is {gap:.3f}x of it", flush=True)
            # so far: a long run that is stopped has said something
            print(f"within 5% of the best: {near} of {total}; geometric means: {_means(logs)}", flush=True)


def _means(logs: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {math.exp(statistics.fmean(v)):.2f} ({len(v)})" for name, v in sorted(logs.items()))


def numpy_floor(sizes: tuple[int, ...] = (512, 256, 128, 2)) -> float:
    """Return the microseconds that a perceptron of such sizes takes in NumPy alone, for a batch of one."""
    import numpy as np

    random = np.random.default_rng(0)
    layers = [(random.normal(size=pair).astype("float32"), np.zeros(pair[1], "float32")) for pair in pairwise(sizes)]
    x = random.normal(size=(1, sizes[0])).astype("float32")

    def forward() -> None:
        h = x
        for weight, bias in layers[:-1]:
            h = np.maximum(h @ weight + bias, 0)
        h @ layers[-1][0] + layers[-1][1]

    return statistics.median(timeit.repeat(forward, number=50, repeat=201)) / 50 * 1e6


def floor(options: argparse.Namespace) -> None:
    """Print the perceptrons' times, eager and as chosen by ``auto``, as multiples of NumPy's."""
    chosen = VerifyOptions(python=sys.executable, budget=options.budget, timeout=120.0)
    for file in options.files:
        source = Source.read(file)
        (report,) = rewrite([source], tuple(TARGETS))
        assert report.result is not None
        verdicts = [v for v in verify(source, report.result.after, ["auto"], options=chosen) if v.speed]
        best = next((v for v in verdicts if v.chosen), verdicts[0])
        assert best.speed is not None and best.speed.before_us is not None and best.speed.after_us is not None
        least = numpy_floor()
        name = f"{best.target} {best.setting}".strip() if best.chosen else "eager"
        before, after = best.speed.before_us, best.speed.after_us if best.chosen else best.speed.before_us
        print(f"{file}: NumPy {least:.1f} us, eager {before / least:.1f}x, {name} {after / least:.1f}x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["aa", "power", "cost", "units", "auto", "floor"])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--budget", type=float, default=15.0)
    parser.add_argument("--load", type=int, default=0)
    options = parser.parse_intermixed_args()
    if options.what == "aa":
        for name, text in IDENTICAL.items():
            words(text, text, max(1, options.count // len(IDENTICAL)), f"identical, {name}", options)
    elif options.what == "power":
        for slow, fast in ((44, 40), (52, 40)):
            sides = WORK.format(count=slow), WORK.format(count=fast)
            words(*sides, options.count, f"planted {slow / fast:.2f}", options)
    else:
        {"cost": cost, "units": units, "auto": auto, "floor": floor}[options.what](options)


if __name__ == "__main__":
    main()
