"""Start a rule: ``python tools/new_rule.py THT142 my-rule-name`` writes the file to fill in."""

from __future__ import annotations

import re
import sys
from pathlib import Path

FOLDERS = {"C": "common", "T": "torch", "F": "tensorflow", "M": "mxnet"}
TARGETS = {
    "C": '"mxnet.hybrid", "torch.script", "tf.function"',
    "T": '"torch.script"',
    "F": '"tf.function"',
    "M": '"mxnet.hybrid"',
}
TEMPLATE = '''"""One sentence: what the compiler does with this.

What it does
    Finds ...

Why is this bad
    ...  What would happen: an error, a silently different result, or lost speed.

Fix safety
    Safe: ... / Unsafe: ... / Not rewritten: ..., because ...

References
    A public page, or the name of the compiler's own source file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, UnitContext, rule

EXAMPLES = [
    Example(
        before="""
""",
        after=None,
    ),
]

VALID = [
    """
""",
]


@rule(
    "{code}",
    "{name}",
    targets=({targets},),
    consequence=Consequence.ERROR,
    fix="none",
    on=(ast.Call,),
)
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    if ctx.qualified(node.func) == "...":
        yield Finding(node, "say what happens here", help="say what the user can write")
'''


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not re.fullmatch(r"TH[CTFM]\d{3}", arguments[0]):
        print(__doc__, file=sys.stderr)
        return 2
    code, name = arguments
    package = Path(__file__).resolve().parent.parent / "transpile_hybrid" / "rules" / FOLDERS[code[2]]
    taken = list(package.glob(f"{code.lower()}_*.py"))
    if taken:
        print(f"{code} is taken: {taken[0].name}", file=sys.stderr)
        return 2
    file = package / f"{code.lower()}_{name.replace('-', '_')}.py"
    text = TEMPLATE.replace("{code}", code).replace("{name}", name).replace("{targets}", TARGETS[code[2]])
    file.write_text(text, encoding="utf-8")
    print(f"wrote {file}: fill it in, then `python -m pytest tests/rules -k {code}` and `make docs`")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
