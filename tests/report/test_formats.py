"""The formats of ``check``: each is what its readers take."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from transpile_hybrid.report import ci
from transpile_hybrid.report.found import FileResult, Found, FoundUnit
from transpile_hybrid.report.json import check_json, check_jsonl
from transpile_hybrid.report.readiness import markdown, readiness
from transpile_hybrid.report.readiness_page import readiness_page
from transpile_hybrid.report.sarif import check_sarif


def found(**changes: object) -> Found:
    base = Found(
        "a b/ä.py", 3, 5, 3, 9, "THT502", "untyped-default", "a <b> & \"c\", 100%: 'd'", "Net",
        ("torch.script",), "error",
        "why", "help\nmore", "safe", ((3, 5, 3, 5, "x"),), ((3, "    s = 1"),), text="s = 1", last_column=8,
    )  # fmt: skip
    return base._replace(**changes)  # type: ignore[arg-type]


RESULTS = [
    FileResult(
        "a b/ä.py",
        [
            found(),
            found(line=4, end_line=6, consequence="silently different", fix=None, edits=()),
            found(line=9, end_line=9),
        ],
        [FoundUnit("Net", "torch", "class", True), FoundUnit("helper", "torch", "function", True)],
        targets=("torch.script",),
    ),
    FileResult("nb.ipynb", [found(path="nb.ipynb", cell="cell 2", raw_line=17)], targets=("torch.script",)),
    FileResult("bad.py", error="bad.py:1:2: syntax error: \x1b[0m", error_line=1),
    FileResult("clean.py"),
]


def test_sarif_is_valid() -> None:
    """Against the official schema where it is at hand (it isn't ours to ship)."""
    log = json.loads(check_sarif(RESULTS, ["x.py: no such file or folder"]))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0" and len(run["results"]) == 4
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "a%20b/%C3%A4.py", "uriBaseId": "SRCROOT"}
    assert location["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9}
    assert run["results"][0]["fixes"] and "fixes" not in run["results"][1]
    assert run["results"][3]["locations"][0]["physicalLocation"]["region"]["startLine"] == 17
    assert run["invocations"][0]["executionSuccessful"] is False
    schema = os.environ.get("SARIF_SCHEMA")
    if schema:
        import jsonschema

        data = json.loads(Path(schema).read_text(encoding="utf-8"))
        jsonschema.validators.validator_for(data)(data).validate(log)


def test_github_commands_are_escaped() -> None:
    lines = ci.github(RESULTS, ["x.py: no such file"]).split("\n")
    assert lines[0] == (
        "::error file=a b/ä.py,line=3,col=5,endLine=3,endColumn=9,title=THT502 untyped-default"
        "::a b/ä.py:3:5: a <b> & \"c\", 100%25: 'd'%0Ahelp%0Amore"
    )
    assert lines[1].startswith("::error file=a b/ä.py,line=4,endLine=6,title=")
    assert lines[-1] == "::error title=transpile-hybrid::x.py: no such file"
    assert len(lines) == 6


def test_gitlab_fingerprints_are_unique_and_do_not_move_with_lines() -> None:
    issues = json.loads(ci.gitlab(RESULTS))
    marks = [issue["fingerprint"] for issue in issues]
    assert len(set(marks)) == len(marks)
    moved = [FileResult("a b/ä.py", [found(line=30, end_line=30)])]
    assert json.loads(ci.gitlab(moved))[0]["fingerprint"] == marks[0]
    assert {issue["severity"] for issue in issues} == {"critical", "major", "blocker"}


def test_junit_is_xml() -> None:
    root = ElementTree.fromstring(ci.junit(RESULTS, ["x.py: no such file"]))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("7", "4", "2")
    assert [suite.get("name") for suite in root] == ["a b/ä.py", "nb.ipynb", "bad.py", "clean.py", "paths"]
    assert root[0][0][0].get("message") == "a <b> & \"c\", 100%: 'd'"


def test_json_and_json_lines_agree() -> None:
    document = json.loads(check_json(RESULTS, readiness(RESULTS), ("torch.script",), []))
    lines = [json.loads(line) for line in check_jsonl(RESULTS, []).split("\n")]
    assert [{"version": 1, "kind": "finding", **one} for one in document["diagnostics"]] == lines[:-1]
    assert document["diagnostics"][3]["cell"] == "cell 2"
    assert document["diagnostics"][0]["edits"] == [
        {"line": 3, "column": 5, "end_line": 3, "end_column": 5, "text": "x"}
    ]


def test_readiness_as_markdown_and_html() -> None:
    rows = readiness(RESULTS)
    assert [(row.unit, row.cells["torch.script"].state) for row in rows] == [("Net", "blocked")]
    assert "| `a b/ä.py:Net` | blocked | THT502 |" in markdown(rows)
    page = readiness_page(rows)
    assert "<script" not in page and "http" not in page and "a b/ä.py:Net" in page
    ElementTree.fromstring(page.replace("<!doctype html>", "").replace('<meta charset="utf-8">', "").replace(
        '<meta name="viewport" content="width=device-width">', ""))  # fmt: skip


def test_a_unit_is_ready_if_all_that_it_uses_is() -> None:
    head = found(path="parts.py", unit="Head", line=3, fix=None)
    helper = found(path="net.py", unit="Other", line=12, fix=None, code="THT101")
    results = [
        FileResult(
            "net.py",
            [helper],
            [
                FoundUnit("Net", "torch", "class", True, (1, 5), (("net.py", "Body"), ("elsewhere.py", "Unread"))),
                FoundUnit("Body", "torch", "class", True, (6, 9), (("parts.py", "Head"), ("net.py", "Net"))),
                FoundUnit("Calls", "torch", "class", True, (14, 20), (("net.py", "helper"),)),
                FoundUnit("Free", "torch", "class", True, (21, 25)),
                FoundUnit("helper", "torch", "function", True, (10, 13)),
            ],
            targets=("torch.script",),
        ),
        FileResult("parts.py", [head], [FoundUnit("Head", "torch", "class", True, (1, 4))], targets=("torch.script",)),
    ]
    cells = {row.unit: row.cells["torch.script"] for row in readiness(results)}
    assert {unit for unit, cell in cells.items() if cell.state == "ready"} == {"Free"}
    assert {unit for unit, cell in cells.items() if cell.state == "blocked"} == {*cells} - {"Free"}
    assert cells["Net"].within == cells["Body"].within == ("parts.py:Head",)
    assert (cells["Calls"].codes, cells["Calls"].within) == (("THT101",), ("net.py:helper",))
    assert cells["Head"].within == ()
    assert "| `net.py:Net` | blocked | THT502 (in Head) |" in markdown(readiness(results))
