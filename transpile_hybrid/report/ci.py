"""What continuous integration reads: GitHub's workflow commands, GitLab's code quality report, JUnit XML."""

from __future__ import annotations

import json
from collections import Counter
from xml.sax.saxutils import escape, quoteattr

from .diagnostics import consequence
from .found import FileResult, Found
from .sarif import LEVELS, fingerprint, in_file

_GITLAB = {"silently different": "critical", "error": "major", "error for other settings": "minor", "slower": "minor"}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _text(found: Found) -> str:
    return found.message + (f"\n{found.help}" if found.help else "")


def github(results: list[FileResult], unread: list[str]) -> str:
    """Return workflow commands, which become annotations on the lines of a pull request."""
    lines = []
    for result in results:
        for one in map(in_file, result.found):
            where = f"file={_property(one.path)},line={one.line}"
            if one.end_line == one.line:  # GitHub takes columns only within one line
                where += f",col={one.column}"
            where += f",endLine={one.end_line}"
            if one.end_line == one.line:
                where += f",endColumn={one.end_column}"
            title = _property(f"{one.code} {one.name}")
            lines.append(f"::{LEVELS[one.consequence]} {where},title={title}::{_data(f'{one.place}: {_text(one)}')}")
        if result.error:
            where = f"file={_property(result.path)},line={result.error_line or 1}"
            lines.append(f"::error {where},title=transpile-hybrid::{_data(result.error)}")
    lines += [f"::error title=transpile-hybrid::{_data(text)}" for text in unread]
    return "\n".join(lines)


def gitlab(results: list[FileResult]) -> str:
    """Return a code quality report; fingerprints are unique and don't move with the lines."""
    seen: Counter[str] = Counter()
    issues = []
    for result in results:
        for one in map(in_file, result.found):
            mark = fingerprint(one)
            seen[mark] += 1
            issues.append(
                {
                    "description": f"{one.code}: {one.message}",
                    "check_name": one.code,
                    "fingerprint": mark if seen[mark] == 1 else f"{mark}-{seen[mark]}",
                    "severity": _GITLAB[one.consequence],
                    "location": {
                        "path": one.path.replace("\\", "/"),
                        "positions": {
                            "begin": {"line": one.line, "column": one.column},
                            "end": {"line": one.end_line, "column": one.end_column},
                        },
                    },
                }
            )
        if result.error:
            issues.append(
                {
                    "description": result.error,
                    "check_name": "error",
                    "fingerprint": f"error-{result.path}",
                    "severity": "blocker",
                    "location": {"path": result.path.replace("\\", "/"), "lines": {"begin": result.error_line or 1}},
                }
            )
    return json.dumps(issues, indent=1, ensure_ascii=False)


def junit(results: list[FileResult], unread: list[str]) -> str:
    """Return JUnit XML: a suite for each file, a case for each finding, one passing case for a clean file."""
    failures = sum(len(result.found) for result in results)
    errors = sum(bool(result.error) for result in results) + len(unread)
    suites = []
    tests = len(unread)
    for result in results:
        cases = [_case(one, result.path) for one in result.found]
        if result.error:
            cases.append(
                f'  <testcase name="error" classname={_attribute(result.path)}>'
                f"<error message={_attribute(result.error)}/></testcase>"
            )
        if not cases:
            cases = [f'  <testcase name="clean" classname={_attribute(result.path)}/>']
        tests += len(cases)
        suites.append(
            f' <testsuite name={_attribute(result.path)} tests="{len(cases)}" failures="{len(result.found)}"'
            f' errors="{int(bool(result.error))}">\n' + "\n".join(cases) + "\n </testsuite>"
        )
    if unread:
        rows = "\n".join(f'  <testcase name="error"><error message={_attribute(text)}/></testcase>' for text in unread)
        number = len(unread)
        head = f' <testsuite name="paths" tests="{number}" failures="0" errors="{number}">'
        suites.append(f"{head}\n{rows}\n </testsuite>")
    head = f'<testsuites name="transpile-hybrid" tests="{tests}" failures="{failures}" errors="{errors}">'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', head, *suites, "</testsuites>"])


def _case(one: Found, path: str) -> str:
    body = escape(_clean(f"{one.place}: {one.message}\n{consequence(one)}\n{one.why}\n{one.help}".strip()))
    return (
        f"  <testcase name={_attribute(f'{one.code} {one.line}:{one.column}')} classname={_attribute(path)}"
        f' line="{one.line}" column="{one.column}">'
        f"<failure message={_attribute(one.message)} type={_attribute(one.code)}>{body}</failure></testcase>"
    )


def _attribute(text: str) -> str:
    return quoteattr(_clean(text), {"\n": "&#10;"})


def _clean(text: str) -> str:
    """XML has no place for most control characters."""
    return "".join(char if char >= " " or char in "\n\t" else "?" for char in text)
