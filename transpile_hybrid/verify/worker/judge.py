"""The judge: a process of its own that imports no user code and compares what the sides wrote down."""

from __future__ import annotations

from typing import Any

from .checks import Judge
from .compare import Rules, differences
from .records import Stream
from .wire import Frame


def first_part(sides: list[list[Frame]]) -> dict[str, str]:
    """Compare what sub-models gave in one call of both sides, or of one side eager and compiled alone, in the order of
    the original.

    Returns ``part``, the path of the first that differs (empty: none does), and ``text``, how; ``compared`` counts.
    """
    streams = [Stream(frames) for frames in sides]
    one, two = streams[0].parts, streams[1].parts if len(streams) > 1 else streams[0].apart
    rules = Rules() if len(streams) > 1 else Rules(exact=False, facts=False, lists=True)
    common = [path for path in one if path in two]
    for path in common:
        for found in differences(one[path]["outputs"], two[path]["outputs"], rules, "output"):
            return {"part": path, "text": f"{found.path} {found.text}".strip(), "compared": str(len(common))}
    return {"part": "", "text": "", "compared": str(len(common))}


def judge(sides: list[list[Frame]], job: dict[str, Any]) -> dict[str, Any]:
    """Compare the original (first) with the rewritten (second); a third stream is the original run once more, a fourth
    the original on inputs that were moved by their last bit.

    Returns ``equivalent``, ``reason``, ``checks``, ``max_abs_err`` and ``unsteady``: the checks in which the original
    does not repeat itself.  These can't be decided: differences in them alone give ``equivalent`` ``None``.
    """
    streams = [Stream(frames) for frames in sides]
    if len(streams) > 2:
        streams[0].reference.update(streams[2].reference)
    verdict = Judge(streams[0], streams[1], job, streams[3] if len(streams) > 3 else None)
    verdict.run()
    unsteady: dict[str, tuple[str, str]] = {}
    if len(streams) > 2:
        again = Judge(streams[0], streams[2], dict(job, exact=job["steady_exact"], random=True, trains=True))
        again.run()
        unsteady = {found.name: (found.step, found.text) for found in reversed(again.found)}
    real = [found for found in verdict.found if found.name not in unsteady]
    shown = real or verdict.found
    reason = ""
    if real:
        reason = f"{real[0].name} ({real[0].step}): {real[0].text}"
    elif shown:
        step, text = unsteady[shown[0].name]
        reason = f"undecidable: the original differs from itself under one seed: {shown[0].name} ({step}): {text}"
    for name, (_, text) in unsteady.items():
        if name in verdict.checks:
            verdict.checks[name] = "undecidable: the original differs from itself: " + text
    equivalent = False if real else None if shown else True
    return {
        "equivalent": equivalent, "reason": reason, "checks": verdict.checks, "max_abs_err": verdict.normal.largest,
        "unsteady": sorted(unsteady),
    }  # fmt: skip
