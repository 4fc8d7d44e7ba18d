"""Markdown of verdicts: a comment for a pull request."""

from __future__ import annotations

from ..verify.auto import advice
from ..verify.settings import label
from ..verify.verdict import Verdict, by_unit
from .remarks import reservations
from .tables import size_text, speed_text, summary_line

_WORDS = {"different": "**DIFFERENT**", "cannot compile": "**cannot compile**"}
_MOST = 200  # rows: a comment has a limit


def verify_markdown(verdicts: list[Verdict], auto: bool = False) -> str:
    """Return a summary line, a table, and what differs with its checks folded away."""
    lines = [f"**{summary_line(verdicts)}**", ""]
    if auto:
        lines += [f"- `{_code(unit)}`: {_cell(advice(mine))}" for (_, unit), mine in by_unit(verdicts).items()] + [""]
    exported = any(v.export for v in verdicts)
    head = ["unit", "target", "same?", "speed-up [99% interval]", *(["exported"] if exported else [])]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for v in verdicts[:_MOST]:
        row = [f"`{_code(v.after)}:{_code(v.unit)}`", label(v.target, v.setting), _WORDS.get(v.state, v.state)]
        row.append(_cell(speed_text(v.speed)) if v.speed else "")
        if exported:
            row.append("" if not v.export else size_text(v.export["bytes"]) if v.export["ok"] else "failed")
        lines.append("| " + " | ".join(row) + " |")
    if len(verdicts) > _MOST:
        lines.append(f"\n{len(verdicts) - _MOST} more are left out.")
    told = reservations(verdicts)
    lines += ["", *(f"- {_cell(text)}" for text in told)] if told else []
    wrong = [v for v in verdicts if v.equivalent is not True]
    for v in wrong[:_MOST]:
        title = f"{_html(v.unit)} ({label(v.target, v.setting)}): {_html(v.reason)}"
        lines += ["", f"<details><summary>{title}</summary>", ""]
        lines += [f"- {_cell(name)}: {_cell(text)}" for name, text in v.checks.items()]
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return text.replace("`", "'").replace("|", "\\|").replace("\n", " ")


def _html(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cell(text: str) -> str:
    """Return text that stays within one cell and is not taken for markup."""
    for character in "\\`*_|<[":
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())
