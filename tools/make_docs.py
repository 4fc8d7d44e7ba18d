"""Write docs/rules/*.md from the rules, and the reference pages (make_reference.py).

``--check`` writes nothing and exits 1 where a page is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from transpile_hybrid.rules.registry import all_rules
from transpile_hybrid.rules.rule import Rule

DOCS = Path(__file__).resolve().parent.parent / "docs" / "rules"
HEADINGS = ("What it does", "Why is this bad", "Fix safety", "References", "Example", "Limits")


def page(rule: Rule) -> str:
    """Return the page of one rule."""
    lines = rule.doc.splitlines()
    out = [f"# {rule.code}: {rule.name}", "", lines[0], ""]
    out += [
        "| targets | if compiled as it stands | rewrite |",
        "|---|---|---|",
        f"| {', '.join(f'`{t}`' for t in rule.targets)} | {rule.consequence.value} | {rule.fix} |",
        "",
    ]
    for line in lines[1:]:
        if line.strip().rstrip(":") in HEADINGS and not line.startswith(" "):
            out += [f"## {line.strip().rstrip(':')}", ""]
        else:
            out.append(line[4:] if line.startswith("    ") else line)
    for number, example in enumerate(rule.examples, 1):
        title = example.title or (f"Example {number}" if len(rule.examples) > 1 else "Example")
        out += ["", f"## {title}", "", "```python", example.before.strip("\n"), "```"]
        if example.after is None:
            out += ["", "Reported; not rewritten."]
        else:
            flag = " --unsafe" if example.unsafe else ""
            out += ["", f"After `transpile-hybrid rewrite{flag}`:", "", "```python", example.after.strip("\n"), "```"]
    return "\n".join(out).rstrip() + "\n"


def index(rules: tuple[Rule, ...]) -> str:
    """Return the list of all rules."""
    out = ["# Rules", "", "| code | name | targets | if compiled as it stands | rewrite |", "|---|---|---|---|---|"]
    for rule in rules:
        targets = ", ".join(rule.targets)
        link = f"[{rule.code}]({rule.code}.md)"
        out.append(f"| {link} | {rule.name} | {targets} | {rule.consequence.value} | {rule.fix} |")
    return "\n".join(out) + "\n"


def pages() -> dict[str, str]:
    """Return every page by file name."""
    rules = all_rules()
    return {"index.md": index(rules), **{f"{rule.code}.md": page(rule) for rule in rules}}


def main() -> int:
    wanted = pages()
    there = {file.name: file.read_text(encoding="utf-8") for file in DOCS.glob("*.md")}
    if "--check" in sys.argv[1:]:
        stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
        print("\n".join(f"docs/rules/{name} is out of date: run `make docs`" for name in stale))
        return 1 if stale else 0
    DOCS.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - wanted.keys():
        (DOCS / name).unlink()
    for name, text in wanted.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    print(f"wrote {len(wanted)} pages to {DOCS}")
    return 0


if __name__ == "__main__":
    import make_reference  # the pages that are made from settings, options and rules

    raise SystemExit(main() or make_reference.main())
