"""The formats of ``check``, by name."""

from __future__ import annotations

from typing import Any

from ..targets import TARGETS
from .diagnostics import Style, concise, full, statistics
from .found import FileResult


def render(results: list[FileResult], unread: list[str], opts: dict[str, Any], style: Style) -> str:
    """Return the results as text in the format that ``opts`` ask for, without a newline at the end."""
    name = opts["output_format"]
    if name in ("json", "markdown", "html") or opts["readiness"]:
        return _readiness(results, unread, name)
    if name == "jsonl":
        from .json import check_jsonl

        return check_jsonl(results, unread)
    if name == "sarif":
        from .sarif import check_sarif

        return check_sarif(results, unread)
    if name in ("github", "gitlab", "junit"):
        from . import ci

        return (
            ci.gitlab(results)
            if name == "gitlab"
            else ci.github(results, unread)
            if name == "github"
            else ci.junit(results, unread)
        )
    found = [one for result in results for one in result.found]
    if opts["statistics"]:
        return statistics(found, style)
    line = full if name == "full" else concise
    return "\n".join(line(one, style) for one in found)


def _readiness(results: list[FileResult], unread: list[str], name: str) -> str:
    from .readiness import markdown, readiness

    rows = readiness(results)
    if name == "json":
        from .json import check_json

        wanted = {target for result in results for target in result.targets}
        return check_json(results, rows, tuple(target for target in TARGETS if target in wanted), unread)
    if name == "markdown":
        return markdown(rows)
    if name == "html":
        from .readiness_page import readiness_page

        return readiness_page(rows)
    from .tables import console, print_readiness

    out = console()
    with out.capture() as capture:
        print_readiness(rows, out)
    return capture.get().rstrip("\n")
