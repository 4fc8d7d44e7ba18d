"""The documentation site (`make docs` builds it in build/site).  Its pages are plain Markdown, readable as they lie."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

import transpile_hybrid

project = "transpile-hybrid"
release = version = transpile_hybrid.__version__
extensions = ["myst_parser"]
html_theme = "furo"
html_title = f"{project} {version}"
exclude_patterns = ["playground", "example_plugin", "ci/*.md"]
myst_heading_anchors = 4
pygments_style = "friendly"
# rule pages show code as users wrote it, Python 2 among it
suppress_warnings = ["misc.highlighting_failure"]

_HERE = Path(__file__).parent
_TREES = {
    "index": {
        "Begin here": ["tutorial/torch", "tutorial/tensorflow", "tutorial/mxnet"],
        "Use": ["verify", "editors", "ci", "configuration", "suppressing", "scale", "migration"],
        "Look up": ["silently-changes", "rules/index", "reference", "formats"],
        "Extend": ["plugins", "architecture"],
    },
    "rules/index": {"": sorted(page.stem for page in (_HERE / "rules").glob("TH*.md"))},
}


def _prepare(app: Sphinx, page: str, source: list[str]) -> None:
    """Give a page its part of the navigation, which Markdown has no words for; take out links to the README's kind."""
    source[0] = re.sub(r"\[([^]]+)\]\((?:\.\./)+[A-Z]+\.md\)", r"\1", source[0])
    for caption, names in _TREES.get(page, {}).items():
        head = [":hidden:", *([f":caption: {caption}"] if caption else []), ""]
        source[0] += "\n\n```{toctree}\n" + "\n".join([*head, *names]) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _prepare)
