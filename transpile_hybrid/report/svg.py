"""Plots as inline SVG: bars with intervals and dots on a logarithmic scale.  Colours come from the page's variables."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

from ..verify.settings import label
from ..verify.verdict import Verdict

_WIDTH = 1000
_LABEL = 330
_ROW = 24
_TOP = 26
_LETTER = 8  # a letter's width, rather too wide than too narrow


class _LogScale:
    """Maps values to x positions, logarithmically, with round ticks."""

    def __init__(self, low: float, high: float, left: float, right: float) -> None:
        self.low, self.high = math.log10(low), math.log10(high)
        if self.high - self.low < 0.1:
            self.low, self.high = self.low - 0.1, self.high + 0.1
        self.left, self.right = left, right

    def __call__(self, value: float) -> float:
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.left + min(max(part, 0.0), 1.0) * (self.right - self.left)

    def ticks(self) -> list[float]:
        found = []
        for power in range(math.floor(self.low) - 1, math.ceil(self.high) + 1):
            for digit in (1, 2, 5):
                if self.low <= math.log10(digit) + power <= self.high:
                    found.append(float(digit) * 10.0**power)
        return found if len(found) <= 12 else [tick for tick in found if str(tick).strip("0.")[:1] == "1"]


def _labels(verdicts: list[Verdict]) -> list[str]:
    """Return the names of the rows: the units, and their targets where one has several."""
    from .html import unit_label

    texts = [unit_label(verdict) for verdict in verdicts]
    if len(set(texts)) < len(texts):
        texts = [f"{v.unit}, {label(v.target, v.setting)}" for v in verdicts]
    return [text if len(text) <= 44 else "..." + text[-41:] for text in texts]


def _axis(scale: _LogScale, height: int, words: Callable[[float], str]) -> str:
    """Draw the ticks, each with its words where there is room for them."""
    out = []
    end = 0.0  # of the last words
    for tick in scale.ticks():
        x = scale(tick)
        out.append(f"<path d='M{x:.1f} {_TOP - 4}V{height - 6}' stroke='var(--line)'/>")
        text = words(tick)
        half = len(text) * _LETTER / 2
        if x - half > end:
            out.append(f"<text class='soft' x='{x:.1f}' y='{_TOP - 10}' text-anchor='middle'>{text}</text>")
            end = x + half + _LETTER
    return "".join(out)


def time_text(microseconds: float) -> str:
    """Return a round time in the unit that suits it."""
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if microseconds >= size:
            return f"{microseconds / size:g} {unit}"
    return f"{microseconds:g} µs"


def _frame(height: int, title: str, body: str) -> str:
    picture = f"<svg viewBox='0 0 {_WIDTH} {height}' role='img'><title>{escape(title)}</title>{body}</svg>"
    return f"<div class='wrap'>{picture}</div>"


def speed_bars(verdicts: list[Verdict]) -> str:
    """Return bars of the speed ratio, from 1, with their intervals."""
    ranked = sorted(verdicts, key=lambda v: -(v.speed.ratio or 0) if v.speed else 0)
    lows = [v.speed.low or 1.0 for v in ranked if v.speed]
    highs = [v.speed.high or 1.0 for v in ranked if v.speed]
    scale = _LogScale(min([0.8, *lows]), max([1.5, *highs]) * 1.05, _LABEL, _WIDTH - 110)
    height = _TOP + _ROW * len(ranked) + 10
    one = scale(1.0)
    names = _labels(ranked)
    body = [_axis(scale, height, "{:g}x".format)]
    for index, v in enumerate(ranked):
        speed = v.speed
        assert speed is not None and speed.ratio is not None
        low, high = speed.low or speed.ratio, speed.high or speed.ratio
        y = _TOP + index * _ROW
        x = scale(speed.ratio)
        colour = {"faster": "var(--good)", "slower": "var(--bad)"}.get(speed.word, "var(--bar2)")
        tip = f"{v.unit}, {label(v.target, v.setting)}: {speed.ratio:.2f}x [{low:.2f}, {high:.2f}] {speed.word}"
        body.append(
            f"<g><title>{escape(tip)}</title>"
            f"<text x='{_LABEL - 12}' y='{y + 14}' text-anchor='end'>{escape(names[index])}</text>"
            f"<rect x='{min(one, x):.1f}' y='{y + 3}' width='{max(abs(x - one), 1):.1f}' height='{_ROW - 9}'"
            f" rx='2' fill='{colour}'/>"
            f"<path d='M{scale(low):.1f} {y + 10.5}H{scale(high):.1f}' stroke='var(--ink)' stroke-width='1.5'/>"
            f"<text x='{max(scale(high), one) + 8:.1f}' y='{y + 14}'>{speed.ratio:.2f}x</text></g>"
        )
    body.append(f"<path d='M{one:.1f} {_TOP - 4}V{height - 6}' stroke='var(--ink)' stroke-dasharray='3 3'/>")
    return _frame(height, "speed-up with 99% interval", "".join(body))


def latency_rows(verdicts: list[Verdict]) -> str:
    """Return a row a unit with the median time of a call before and after, in microseconds."""
    shown = [v for v in verdicts if v.speed and v.speed.before_us and v.speed.after_us]
    values = [t for v in shown if v.speed for t in (v.speed.before_us or 1.0, v.speed.after_us or 1.0)]
    if not values:
        return ""
    scale = _LogScale(min(values) * 0.8, max(values) * 1.25, _LABEL, _WIDTH - 30)
    height = _TOP + _ROW * len(shown) + 10
    names = _labels(shown)
    body = [_axis(scale, height, time_text)]
    for index, v in enumerate(shown):
        assert v.speed is not None
        before, after = v.speed.before_us or 1.0, v.speed.after_us or 1.0
        y = _TOP + index * _ROW + 10
        tip = f"{v.unit}, {label(v.target, v.setting)}: {before:.0f} µs before, {after:.0f} µs after"
        body.append(
            f"<g><title>{escape(tip)}</title>"
            f"<text x='{_LABEL - 12}' y='{y + 4}' text-anchor='end'>{escape(names[index])}</text>"
            f"<path d='M{scale(before):.1f} {y}H{scale(after):.1f}' stroke='var(--bar2)' stroke-width='2'/>"
            f"<circle cx='{scale(before):.1f}' cy='{y}' r='5' fill='var(--bar2)'/>"
            f"<circle cx='{scale(after):.1f}' cy='{y}' r='5' fill='var(--bar)'/></g>"
        )
    return _frame(height, "median time of a call before (grey) and after (blue)", "".join(body))


def break_even_rows(verdicts: list[Verdict]) -> str:
    """Return a row a unit with the number of calls after which compiling has paid for itself, soonest first."""
    shown = sorted(pays_back(verdicts), key=lambda v: v.speed.break_even_calls or 0 if v.speed else 0)
    values = [max(v.speed.break_even_calls or 1.0, 1.0) for v in shown if v.speed]
    if not values:
        return ""
    scale = _LogScale(min(1.0, *values), max(values) * 2, _LABEL, _WIDTH - 110)
    height = _TOP + _ROW * len(shown) + 10
    names = _labels(shown)
    body = [_axis(scale, height, "{:,.0f}".format)]
    for index, (v, calls) in enumerate(zip(shown, values, strict=True)):
        assert v.speed is not None
        y = _TOP + index * _ROW + 10
        spent = "" if v.speed.compile_s is None else f", {v.speed.compile_s:.2f} s to compile"
        tip = f"{v.unit}, {label(v.target, v.setting)}: pays after {calls:,.0f} calls{spent}"
        body.append(
            f"<g><title>{escape(tip)}</title>"
            f"<text x='{_LABEL - 12}' y='{y + 4}' text-anchor='end'>{escape(names[index])}</text>"
            f"<path d='M{_LABEL} {y}H{scale(calls):.1f}' stroke='var(--bar2)' stroke-width='2'/>"
            f"<circle cx='{scale(calls):.1f}' cy='{y}' r='5' fill='var(--bar)'/>"
            f"<text x='{scale(calls) + 10:.1f}' y='{y + 4}'>{calls:,.0f}</text></g>"
        )
    return _frame(height, "calls after which compiling has paid for itself", "".join(body))


def pays_back(verdicts: list[Verdict]) -> list[Verdict]:
    """Return those that are faster and whose break-even is known."""
    return [v for v in verdicts if v.speed and v.speed.word == "faster" and v.speed.break_even_calls is not None]
