"""Tables for the terminal: readiness and verdicts."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..verify.auto import advice
from ..verify.settings import label
from ..verify.verdict import Speed, Verdict, by_unit
from .readiness import Row, shown_targets, ways
from .readiness import summary_line as readiness_line
from .remarks import besides, reservations

_STATE_STYLE = {"ready": "green", "fixable": "cyan", "unsafe": "yellow", "blocked": "red"}
_VERDICT_STYLE = {"equal": "green", "different": "bold red", "cannot compile": "red", "not verified": "yellow"}


def console(width: int | None = None) -> Console:
    """Return a console on standard output; a pipe gets lines wide enough not to be cut."""
    probe = Console(highlight=False, emoji=False)
    return probe if probe.is_terminal and width is None else Console(highlight=False, emoji=False, width=width or 240)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def print_readiness(rows: list[Row], out: Console | None = None) -> None:
    """Print units x targets with what blocks each, and a line that counts."""
    out = out or console()
    shown = shown_targets(rows)
    table = _table("unit", *shown, "in the way")
    for row in rows:
        cells = [
            Text(row.cells[target].state, style=_STATE_STYLE[row.cells[target].state]) if target in row.cells else ""
            for target in shown
        ]
        table.add_row(f"{row.path}:{row.unit}", *cells, ways(row))
    if rows:
        out.print(table)
    for target in shown:
        out.print(readiness_line(rows, target))


def speed_text(speed: Speed | None) -> str:
    """Return ``4.1x [3.9, 4.4] faster`` or the reason why there is none."""
    if speed is None or speed.ratio is None:
        return "-" if speed is None else speed.why or speed.word
    return f"{speed.ratio:.2f}x [{speed.low:.2f}, {speed.high:.2f}] {speed.word}"


def _microseconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value / 1000:.2f} ms" if value >= 1000 else f"{value:.0f} us"


def _calls(speed: Speed | None) -> str:
    if speed is None or speed.word != "faster" or speed.break_even_calls is None:
        return "-"
    calls = round(speed.break_even_calls)
    return "at once" if calls < 1 else "1 call" if calls == 1 else f"{calls:,} calls"


def state_word(verdict: Verdict) -> str:
    """Return the state of a verdict as tables show it: a difference in capitals."""
    return "DIFFERENT" if verdict.state == "different" else verdict.state


def print_verdicts(verdicts: list[Verdict], out: Console | None = None) -> None:
    """Print a row per unit and target, the reasons of what is not equal, and a line that counts."""
    out = out or console()
    columns = ["unit", "target", "same?", "max |err|", "before", "after", "speed-up [99% interval]", "break-even"]
    steps = any(v.training is not None for v in verdicts)
    table = _table(*columns, *(["training step"] if steps else []))
    for v in verdicts:
        speed = v.speed
        word = speed.word if speed else ""
        table.add_row(
            f"{v.after}:{v.unit}",
            label(v.target, v.setting),
            Text(state_word(v), style=_VERDICT_STYLE[v.state]),
            "-" if v.max_abs_err is None else f"{v.max_abs_err:.1e}" if v.max_abs_err else "0",
            _microseconds(speed.before_us if speed else None),
            _microseconds(speed.after_us if speed else None),
            Text(speed_text(speed), style={"faster": "green", "slower": "red"}.get(word, "")),
            _calls(speed),
            *([speed_text(v.training)] if steps else []),
        )
    if verdicts:
        out.print(table)
    for v in verdicts:
        if v.equivalent is not True:
            out.print(f"  {v.after}:{v.unit} ({label(v.target, v.setting)}): {v.reason}", markup=False, soft_wrap=True)
            for text in besides(v):
                out.print(f"    also {text}", markup=False, soft_wrap=True)
    for text in reservations(verdicts):
        out.print(f"  {text}", markup=False, soft_wrap=True)
    out.print(summary_line(verdicts))


def size_text(count: int) -> str:
    """Return a number of bytes as ``667 kB`` or ``2.2 MB``."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB" if count >= 1e3 else f"{count} bytes"


def print_exports(verdicts: list[Verdict], out: Console | None = None) -> None:
    """Print a row per unit and target with what was written, and the reasons of what was not."""
    out = out or console()
    table = _table("unit", "target", "reloaded", "size", "written in", "loaded in", "where")
    failed: list[str] = []
    for v in verdicts:
        done = v.export or {}
        equal = bool(done.get("ok")) and v.equivalent is True
        seconds = [f"{done[key]:.2f} s" if key in done else "-" for key in ("write_s", "load_s")]
        table.add_row(
            f"{v.after}:{v.unit}",
            label(v.target, v.setting),
            Text("bitwise equal" if equal else "no", style="green" if equal else "bold red"),
            size_text(done["bytes"]) if equal else "-",
            *seconds,
            done.get("path", "") if equal else "",
        )
        if not equal:
            reason = done.get("reason") if v.equivalent is True else v.reason
            failed.append(f"  {v.after}:{v.unit} ({v.target}): {reason}")
    if verdicts:
        out.print(table)
    for text in failed:
        out.print(text, markup=False, soft_wrap=True)
    out.print(f"{len(verdicts) - len(failed)} exported, {len(failed)} not")


def print_advice(verdicts: list[Verdict], out: Console | None = None) -> None:
    """Print what ``--target auto`` found best, a line a unit."""
    out = out or console()
    for (path, unit), mine in by_unit(verdicts).items():
        out.print(f"{path}:{unit}: {advice(mine)}", markup=False, soft_wrap=True)


def summary_line(verdicts: list[Verdict]) -> str:
    """Return ``14 equal, 1 DIFFERENT, 2 not verified; 12 faster, 1 slower, ...``.

    ``1 cannot compile`` is said only where it is so.
    """
    states = Counter(state_word(v) for v in verdicts)
    words = [v.speed.word for v in verdicts if v.speed is not None]
    shown = ("equal", "DIFFERENT", *(["cannot compile"] if states["cannot compile"] else []), "not verified")
    counts = [f"{states[word]} {word}" for word in shown]
    speeds = [f"{words.count(w)} {w}" for w in ("faster", "slower", "same", "undecided") if w in words]
    return ", ".join(counts) + ("; " + ", ".join(speeds) if speeds else "")
