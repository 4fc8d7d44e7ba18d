"""Diagnostics as text: ``full`` (frame, caret, why, help) and ``concise`` (a line each)."""

from __future__ import annotations

from collections.abc import Callable

from ..diagnostics import Consequence, Diagnostic
from ..source.source import Source

Style = Callable[..., str]
_COLOURS = {Consequence.SILENT: "magenta", Consequence.ERROR: "red", Consequence.SPEED: "yellow"}
_MAX_FRAME_LINES = 6


def mark(diagnostic: Diagnostic) -> str:
    """Return ``[*]`` for what ``rewrite`` mends, ``[!]`` for what it mends with ``--unsafe``, else nothing."""
    if diagnostic.fix is None or diagnostic.fix.safety == "display":
        return ""
    return "[*]" if diagnostic.fix.safety == "safe" else "[!]"


def location(source: Source, diagnostic: Diagnostic) -> str:
    """Return ``path:line:column``, both 1-based."""
    line, column = source.position(diagnostic.span.start)
    return f"{source.path}:{line}:{column}"


def concise(source: Source, diagnostic: Diagnostic, style: Style) -> str:
    """Return one line."""
    code = style(diagnostic.code, fg=_COLOURS[diagnostic.consequence], bold=True)
    parts = [f"{location(source, diagnostic)}:", code, mark(diagnostic), diagnostic.message]
    return " ".join(part for part in parts if part)


def full(source: Source, diagnostic: Diagnostic, style: Style) -> str:
    """Return the finding with the lines that it is about and what follows from it."""
    first, column = source.position(diagnostic.span.start)
    last, end_column = source.position(max(diagnostic.span.end - 1, diagnostic.span.start))
    shown = range(max(1, first - 1), min(last, first + _MAX_FRAME_LINES - 2) + 1)
    width = len(str(shown[-1]))
    bar = style("|", fg="blue")
    out = [concise(source, diagnostic, style), f"{' ' * width} {bar}"]
    for number in shown:
        text = source.line_text(number).expandtabs(4)
        out.append(f"{style(str(number).rjust(width), fg='blue')} {bar} {text}".rstrip())
        if number == first:
            raw = source.line_text(number)
            start = len(raw[: column - 1].expandtabs(4))
            stop = len(raw[:end_column].expandtabs(4)) if last == first else len(raw.expandtabs(4))
            carets = style("^" * max(1, stop - start), fg=_COLOURS[diagnostic.consequence])
            out.append(f"{' ' * width} {bar} {' ' * start}{carets}")
    if last > shown[-1]:
        out.append(f"{' ' * width} {bar} ...")
    where = f"in {diagnostic.unit}, " if diagnostic.unit else ""
    out.append(f"{' ' * width} {style('=', fg='blue')} {where}{_consequence(diagnostic)}")
    if diagnostic.why:
        out.append(f"{' ' * width} {style('=', fg='blue')} why : {diagnostic.why}")
    if diagnostic.help:
        note = {"unsafe": "   (rewrite --unsafe)", "safe": "   (rewrite)"}.get(
            diagnostic.fix.safety if diagnostic.fix else "", ""
        )
        out.append(f"{' ' * width} {style('=', fg='blue')} help: {diagnostic.help}{note}")
    return "\n".join(out) + "\n"


def _consequence(diagnostic: Diagnostic) -> str:
    targets = ", ".join(diagnostic.targets)
    return {
        Consequence.SILENT: f"compiled by {targets} it gives a silently different result",
        Consequence.ERROR: f"{targets} cannot compile it",
        Consequence.SPEED: f"runs slower than it could with {targets}",
    }[diagnostic.consequence]


def plural(number: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
