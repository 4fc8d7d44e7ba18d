"""The readiness table as one self-contained HTML page: no script, no request to anywhere, readable light and dark."""

from __future__ import annotations

from html import escape

from .. import __version__
from .readiness import STATES, Row, counts, in_the_way, shown_targets, ways

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6876; --line: #d9dee5; --page: #fff;
  --ready: #1a7f4b; --fixable: #1f6fc4; --unsafe: #9a6700; --blocked: #c62a2f }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa7b6; --line: #313a46; --page: #12161c;
  --ready: #4cc38a; --fixable: #5aa7f2; --unsafe: #e3b341; --blocked: #ff6b70 } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px } h1 { font-size: 26px; margin: 0 0 4px }
h2 { font-size: 18px; margin: 36px 0 8px } .soft { color: var(--soft) } .wrap { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: 14px }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--soft); white-space: nowrap } code { font: 13px ui-monospace, monospace }
.ready { color: var(--ready) } .fixable { color: var(--fixable) } .unsafe { color: var(--unsafe) }
.blocked { color: var(--blocked) } .bar { display: flex; height: 14px; border-radius: 4px; overflow: hidden; margin:
4px 0 2px } .bar i { display: block; background: currentColor }
"""


def readiness_page(rows: list[Row]) -> str:
    """Return the page as text."""
    targets = shown_targets(rows)
    bars = "\n".join(_bar(rows, target) for target in targets)
    head = "".join(f"<th>{escape(target)}</th>" for target in targets)
    body = "\n".join(_row(row, targets) for row in rows)
    ways = "\n".join(f"<tr><td><code>{escape(code)}</code></td><td>{n}</td></tr>" for code, n in in_the_way(rows))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Readiness</title><style>{_STYLE}</style></head><body><main>
<h1>Readiness</h1><p class="soft">{len(rows)} units; made by transpile-hybrid {__version__}</p>
{bars}
<h2>In the way</h2><div class="wrap"><table><tr><th>rule</th><th>units that it blocks</th></tr>
{ways}</table></div>
<h2>Units</h2><div class="wrap"><table><tr><th>unit</th>{head}<th>in the way</th></tr>
{body}</table></div>
</main></body></html>
"""


def _bar(rows: list[Row], target: str) -> str:
    found = counts(rows, target)
    total = sum(found.values())
    parts = "".join(f'<i class="{s}" style="width:{100 * found[s] / total:.2f}%"></i>' for s in STATES if s in found)
    words = ", ".join(f'<span class="{s}">{found[s]} {s}</span>' for s in STATES if s in found)
    return f'<h2>{escape(target)}</h2><div class="bar">{parts}</div><p>{total} units: {words}</p>'


def _row(row: Row, targets: list[str]) -> str:
    cells = "".join(
        f'<td class="{row.cells[t].state}">{row.cells[t].state}</td>' if t in row.cells else "<td></td>"
        for t in targets
    )
    return f"<tr><td><code>{escape(row.path)}:{escape(row.unit)}</code></td>{cells}<td>{escape(ways(row))}</td></tr>"
