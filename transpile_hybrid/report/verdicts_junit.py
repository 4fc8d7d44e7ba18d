"""JUnit XML of verdicts: what continuous integration shows as tests."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from ..verify.settings import label
from ..verify.verdict import Verdict
from .tables import speed_text

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def verify_junit(verdicts: list[Verdict]) -> str:
    """Return a suite a file and a case for each unit and target: failed if different, skipped if not verified."""
    suites: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        suites.setdefault(verdict.after, []).append(verdict)
    different = sum(v.equivalent is False for v in verdicts)
    unknown = sum(v.equivalent is None for v in verdicts)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites name="transpile-hybrid verify" tests="{len(verdicts)}" failures="{different}"'
        f' skipped="{unknown}" time="{sum(v.seconds for v in verdicts):.3f}">',
    ]
    for path, mine in suites.items():
        counts = sum(v.equivalent is False for v in mine), sum(v.equivalent is None for v in mine)
        lines.append(
            f' <testsuite name={quoteattr(path)} tests="{len(mine)}" failures="{counts[0]}" skipped="{counts[1]}"'
            f' time="{sum(v.seconds for v in mine):.3f}">'
        )
        for v in mine:
            name = f"{v.unit} {label(v.target, v.setting)}"
            lines.append(
                f'  <testcase classname={quoteattr(path)} name={quoteattr(_clean(name))} time="{v.seconds:.3f}">'
            )
            if v.equivalent is not True:
                tag = "failure" if v.equivalent is False else "skipped"
                lines.append(f"   <{tag} message={quoteattr(_clean(v.reason))}/>")
            checks = [f"{check}: {text}" for check, text in v.checks.items()]
            out = [f"speed: {speed_text(v.speed)}"] * (v.speed is not None) + checks
            lines.append(f"   <system-out>{escape(_clean(chr(10).join(out)))}</system-out>")
            lines.append("  </testcase>")
        lines.append(" </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _clean(text: str) -> str:
    """Drop what XML can't hold."""
    return _NO_XML.sub("", text)
