"""The rule pages are the rules' own documentation, and no link in the docs is dead."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_rule_pages_are_up_to_date() -> None:
    ran = subprocess.run(
        [sys.executable, "tools/make_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|``[^`]*``|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)  # no code
    for link in re.findall(r"\]\(([^)#\s]+)\)", prose):
        if not link.startswith(("http://", "https://")):
            assert (page.parent / link).exists(), f"{page.name}: dead link {link}"


def test_the_site_is_built(tmp_path: Path) -> None:
    """Sphinx finds no dead link, no missing anchor and no page that nothing leads to (a warning is an error)."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "docs", str(tmp_path / "site")]
    command += ["-d", str(tmp_path / "trees")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    rules = {page.stem for page in (ROOT / "docs" / "rules").glob("TH*.md")}
    assert rules == {page.stem for page in (tmp_path / "site" / "rules").glob("TH*.html")}
