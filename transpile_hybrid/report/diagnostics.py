"""Findings as text: ``full`` (frame, caret, why, help) and ``concise`` (a line each)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from .found import Found

Style = Callable[..., str]
_COLOURS = {"silently different": "magenta", "error": "red", "error for other settings": "yellow", "slower": "yellow"}


def mark(found: Found) -> str:
    """Return what ``rewrite`` does: ``[*]`` mends it, ``[!]`` with ``--unsafe``, ``[~]`` once nothing else is left."""
    return {"safe": "[*]", "unsafe": "[!]"}.get(found.fix or "", "[~]" if found.waits == "safe" else "")


def concise(found: Found, style: Style) -> str:
    """Return one line."""
    code = style(found.code, fg=_COLOURS[found.consequence], bold=True)
    parts = [f"{found.place}:", f"({found.block})" if found.block else "", code, mark(found), found.message]
    return " ".join(part for part in parts if part)


def full(found: Found, style: Style) -> str:
    """Return the finding with the lines that it is about and what follows from it."""
    colour = _COLOURS[found.consequence]
    width = len(str(found.frame[-1][0] if found.frame else found.line))
    bar = style("|", fg="blue")
    equal = f"{' ' * width} {style('=', fg='blue')}"
    out = [concise(found, style), f"{' ' * width} {bar}"]
    for number, raw in found.frame:
        out.append(f"{style(str(number).rjust(width), fg='blue')} {bar} {_cut(raw.expandtabs(4))}".rstrip())
        if number == found.line:
            start = len(raw[: found.column - 1].expandtabs(4))
            stop = len(raw[: found.last_column].expandtabs(4)) if found.last_column else len(raw.expandtabs(4))
            if start < _WIDE:
                carets = style("^" * max(1, min(stop, _WIDE) - start), fg=colour)
                out.append(f"{' ' * width} {bar} {' ' * start}{carets}")
    if found.frame and (found.end_line, 1) > (found.frame[-1][0], 1) and not found.last_column and found.end_column > 1:
        out.append(f"{' ' * width} {bar} ...")
    where = f"in {found.unit}, " if found.unit else ""
    if found.code not in ABOUT_COMMENTS:
        out.append(f"{equal} {where}{consequence(found)}")
    if found.why:
        out.append(f"{equal} why : {found.why}")
    if found.help:
        out.append(f"{equal} help: {found.help}{_by_itself(found)}")
    return "\n".join(out) + "\n"


def _by_itself(found: Found) -> str:
    """Say whether ``rewrite`` does what the help says."""
    safety = found.fix or found.waits
    if safety not in ("safe", "unsafe"):
        return ""
    when = f", once nothing else is in the way of {found.unit or 'it'}" if found.waits else ""
    return f"   (rewrite{' --unsafe' if safety == 'unsafe' else ''}{when})"


ABOUT_COMMENTS = ("THC901",)
_WIDE = 200


def _cut(text: str) -> str:
    """A line of a minified file is not a frame."""
    return text if len(text) <= _WIDE else text[:_WIDE] + " ..."


def consequence(found: Found) -> str:
    """Say what happens if the code is compiled as it stands."""
    targets = ", ".join(found.targets)
    return {
        "silently different": f"compiled by {targets} it gives a silently different result",
        "error for other settings": f"{targets} doesn't take it where the class is made or called with other arguments",
        "error": f"{targets} cannot compile it",
        "slower": f"runs slower than it could with {targets}",
    }[found.consequence]


def plural(number: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def statistics(every: Iterable[Found], style: Style) -> str:
    """Return a line for each code: how often, whether it is fixable, its name."""
    found = list(every)
    counts = Counter(one.code for one in found)
    names = {one.code: one.name for one in found}
    marks = {code: {mark(one) for one in found if one.code == code} for code in counts}
    width = len(str(max(counts.values(), default=0)))
    lines = []
    for code, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        sign = next((sign for sign in ("[*]", "[!]", "[~]") if sign in marks[code]), "   ")
        lines.append(f"{str(number).rjust(width)}  {style(code, bold=True)}  {sign}  {names[code]}")
    return "\n".join(lines)
