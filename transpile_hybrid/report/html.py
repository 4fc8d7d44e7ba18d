"""One self-contained HTML page with the verdicts: no script, no request to anywhere, readable light and dark."""

from __future__ import annotations

import math
import os
from collections import Counter
from html import escape

from .. import __version__
from ..verify.auto import advice
from ..verify.settings import label
from ..verify.verdict import Verdict, by_unit
from .svg import break_even_rows, latency_rows, pays_back, speed_bars
from .tables import speed_text, summary_line

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6876; --line: #d9dee5; --page: #ffffff; --card: #f6f8fa;
  --good: #1a7f4b; --bad: #c62a2f; --warn: #9a6700; --bar: #2f7fd6; --bar2: #9fb3c8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa7b6; --line: #313a46; --page: #12161c;
  --card: #1a2029; --good: #4cc38a; --bad: #ff6b70; --warn: #e3b341; --bar: #5aa7f2; --bar2: #51637a; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1240px; margin: 0 auto; padding: 32px 24px 64px }
h1 { font-size: 26px; margin: 0 0 4px } h2 { font-size: 18px; margin: 40px 0 8px }
p { margin: 4px 0 } .soft { color: var(--soft) }
.counts { display: flex; gap: 12px; flex-wrap: wrap; margin: 20px 0 }
.counts div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 16px }
.counts b { display: block; font-size: 24px; line-height: 1.2 }
.wrap { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: 14px }
th, td { text-align: left; padding: 7px 8px; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 600; color: var(--soft); white-space: nowrap } td.n { text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums }
code { font: 13px ui-monospace, monospace;
  overflow-wrap: anywhere } td:first-child { min-width: 240px } .good { color: var(--good) } .bad { color: var(--bad) }
.warn { color: var(--warn) } b.good, b.bad, b.warn { font-weight: 650 }
details { margin: 2px 0 } summary { cursor: pointer } svg { display: block; width: 100%;
  min-width: 720px; height: auto }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif } svg .soft { fill: var(--soft) }
"""


def _headline(states: Counter[str]) -> str:
    """Return what a person should know first."""
    number = states.total()
    for state in ("different", "cannot compile", "not verified"):
        if states[state]:
            word = ("differs" if states[state] == 1 else "differ") if state == "different" else state
            return f"{states[state]} of {number} {word}"
    return "Equal, and how much faster" if number else "Nothing was run"


def _what_differs(verdicts: list[Verdict]) -> str:
    lines = "".join(
        f"<li><code>{escape(unit_label(v))}</code>{f' ({escape(v.target)})' if v.target else ''}:"
        f" <span class='bad'>{escape(v.reason)}</span></li>"
        for v in verdicts
        if v.equivalent is False
    )
    title = "What differs" if any(v.state == "different" for v in verdicts) else "What cannot be compiled"
    return f"<h2>{title}</h2><ul>{lines}</ul>" if lines else ""


def verify_page(verdicts: list[Verdict], auto: bool = False) -> str:
    """Return the page as text; with ``auto`` it says first what is best for each unit."""
    states = Counter(v.state for v in verdicts)
    equal, different, unknown = states["equal"], states["different"], states["not verified"]
    faster = sum(v.speed is not None and v.speed.word == "faster" for v in verdicts)
    mean = geometric_mean(verdicts)
    versions = sorted({f"{name} {number}" for v in verdicts for name, number in v.versions.items()})
    timed = [v for v in verdicts if v.speed is not None and v.speed.ratio is not None]
    cards = [
        _card(equal, "proved equal", "good"),
        _card(different, "different", "bad" if different else ""),
        *([_card(states["cannot compile"], "cannot compile", "bad")] if states["cannot compile"] else []),
        _card(unknown, "not verified", "warn" if unknown else ""),
        _card(faster, "proved faster", "good"),
    ]
    if mean is not None:
        cards.append(_card(f"{mean:.1f}x", f"geometric mean of {len(timed)}", ""))
    rows = "\n".join(_row(v) for v in verdicts)
    plots = _what_differs(verdicts)
    if auto:
        lines = "".join(
            f"<li><code>{escape(unit_label(mine[0]))}</code>: {escape(advice(mine))}</li>"
            for mine in by_unit(verdicts).values()
        )
        plots += f"<h2>What to use</h2><ul>{lines}</ul>"
    if timed:
        plots += (
            "<h2>How much faster</h2><p class='soft'>Ratio of the time of a call before and after: median of"
            " interleaved pairs with its 99% bootstrap interval, on a logarithmic scale. Right of 1 is faster.</p>"
            + speed_bars(timed)
            + "<h2>Time of a call</h2><p class='soft'>Median, before and after, on a logarithmic scale.</p>"
            + latency_rows(timed)
        )
    if pays_back(timed):
        plots += (
            "<h2>When it pays</h2><p class='soft'>Calls after which the time that compiling took is won back, of the"
            " units proved faster.</p>" + break_even_rows(timed)
        )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>transpile-hybrid verify: {equal} of {len(verdicts)} equal</title><style>{_STYLE}</style></head>
<body><main>
<h1>{_headline(states)}</h1>
<p class="soft">{escape(summary_line(verdicts))}</p>
<p class="soft">transpile-hybrid {__version__}{" &middot; " + escape(", ".join(versions)) if versions else ""}</p>
<div class="counts">{"".join(cards)}</div>
{plots}
<h2>Verdicts</h2>
<div class="wrap"><table><thead><tr><th>unit</th><th>target</th><th>same?</th><th>max |err|</th><th>before</th>
<th>after</th><th>speed-up</th><th>99% interval</th><th>compile</th><th>pays after</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>
</main></body></html>
"""


def geometric_mean(verdicts: list[Verdict]) -> float | None:
    """Return the geometric mean of the ratios of the units that are equal and timed, or ``None``."""
    logs = [math.log(v.speed.ratio) for v in verdicts if v.equivalent and v.speed is not None and v.speed.ratio]
    return math.exp(sum(logs) / len(logs)) if logs else None


def unit_label(verdict: Verdict) -> str:
    """Return ``folder/file.py:Unit``."""
    parts = verdict.after.replace(os.sep, "/").split("/")
    shown = [part for part in parts[-3:] if part not in ("before", "after")]
    return f"{'/'.join(shown)}:{verdict.unit}"


def _card(value: int | str, text: str, kind: str) -> str:
    return f"<div><b class='{kind}'>{value}</b>{escape(text)}</div>"


def _number(value: float | None, unit: str = "", digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}{unit}"


def _row(v: Verdict) -> str:
    kind = {True: "good", False: "bad", None: "warn"}[v.equivalent]
    speed = v.speed
    ratio = interval = before = after = compile_s = pays = "-"
    if speed is not None:
        before, after = _time(speed.before_us), _time(speed.after_us)
        if speed.ratio is not None:
            colour = {"faster": "good", "slower": "bad"}.get(speed.word, "soft")
            ratio = f"<span class='{colour}'>{speed.ratio:.2f}x {escape(speed.word)}</span>"
            interval = f"{speed.low:.2f} to {speed.high:.2f}"
        else:
            ratio = f"<span class='soft'>{escape(speed.why or speed.word)}</span>"
        compile_s = _number(speed.compile_s, " s", 2)
        if speed.word == "faster":
            pays = _number(speed.break_even_calls, " calls")
    detail = ""
    if v.training is not None:
        step = f"training step: {_time(v.training.before_us)} to {_time(v.training.after_us)}, "
        detail += f"<p class='soft'>{step}{escape(speed_text(v.training))}</p>"
    if v.memory:
        peak = f"{v.memory['before_mb']:,.0f} to {v.memory['after_mb']:,.0f} MB"
        detail += f"<p class='soft'>peak memory of the process: {peak}</p>"
    if v.checks:
        items = "".join(f"<li>{escape(name)}: {escape(result)}</li>" for name, result in v.checks.items())
        title = f"{len(v.checks)} checks, inputs {escape(v.inputs)}"
        detail += f"<details><summary class='soft'>{title}</summary><ul>{items}</ul></details>"
    reason = f"<p class='{kind}'>{escape(v.reason)}</p>" if v.reason and v.equivalent is not True else ""
    error = "-" if v.max_abs_err is None else f"{v.max_abs_err:.1e}" if v.max_abs_err else "0"
    return (
        f"<tr><td><code>{escape(unit_label(v))}</code>{reason}{detail}</td>"
        f"<td>{escape(label(v.target, v.setting))}{' <b class=good>&#10003;</b>' if v.chosen else ''}</td>"
        f"<td><b class='{kind}'>{v.state}</b></td><td class='n'>{error}</td><td class='n'>{before}</td>"
        f"<td class='n'>{after}</td><td class='n'>{ratio}</td><td class='n'>{interval}</td>"
        f"<td class='n'>{compile_s}</td><td class='n'>{pays}</td></tr>"
    )


def _time(microseconds: float | None) -> str:
    if microseconds is None:
        return "-"
    return f"{microseconds / 1000:.2f} ms" if microseconds >= 1000 else f"{microseconds:.0f} &micro;s"
