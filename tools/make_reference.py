"""Write the reference pages that are made from the code.  ``--check`` writes nothing and exits 1 where one is stale.

docs/reference.md: every setting and every option of every verb.  docs/silently-changes.md: what each compiler silently
changes, from the rules that find it.
"""

from __future__ import annotations

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

import click

from transpile_hybrid import config as settings
from transpile_hybrid.cli.main import VERBS
from transpile_hybrid.diagnostics import Consequence
from transpile_hybrid.rules.registry import all_rules
from transpile_hybrid.rules.rule import Rule
from transpile_hybrid.targets import TARGETS

DOCS = Path(__file__).resolve().parent.parent / "docs"
_EXAMPLES = {
    "target": '["torch.script", "torch.compile"]',
    "select": '["THT"]',
    "extend-select": '["THC901"]',
    "ignore": '["THT7"]',
    "per-file-ignores": '{ "tests/**" = ["ALL"] }',
    "bases": '{ "team.nn.Base" = "torch" }',
    "exclude": '["third_party/"]',
    "include": '["*.py", "*.ipynb", "*.md"]',
    "force-exclude": "true",
    "unsafe-fixes": "true",
    "baseline": '"hybrid-baseline.json"',
    "verify": '{ inputs = { "Net" = [[2, 20]] } }',
    "extend": '"../pyproject.toml"',
}
_SILENT = """# What each compiler silently changes

An error at compile time costs a minute. What costs a week is code that compiles, runs, and computes something else
than it did before. These are the ways in which that happens, compiler by compiler, each with the rule that finds it.
All of them were tried on the compilers themselves; the rule's page has an example, the reason, and what to write
instead.

The common cause is always the same: **a compiler that traces runs your Python once and keeps what it did**. Whatever
isn't a tensor operation (a print, a Python random number, a write to `self`, a clock) is done while it traces, and
its result, or its absence, is then part of the program.
"""
_ABOUT = {
    "mxnet.hybrid": "`hybridize()` calls `hybrid_forward` once with Symbols and keeps a graph for each signature.",
    "torch.script": "`torch.jit.script` compiles the source and never runs the Python: what it can't read is an error.",
    "torch.compile": "`torch.compile` guards what it saw in Python and compiles again when a guard fails; what it "
    "doesn't guard is kept.",
    "torch.export": "`torch.export.export` keeps one graph, with no Python left beside it.",
    "tf.function": "`tf.function` traces once for each signature; AutoGraph turns control flow on tensors into "
    "graph operations.",
    "tf.xla": "`jit_compile=True` compiles the traced graph once more, with rules of its own for what it may hold.",
}


def _setting_docs() -> dict[str, str]:
    """Return what the docstring of ``Config`` says of each field."""
    text = " ".join((settings.Config.__doc__ or "").split())
    found: dict[str, str] = {}
    for part in re.split(r"; (?=``)|\. (?=``)", text):
        names = re.match(r"(?:What is in force\. )?((?:``\w+``,? ?)+):? (.*)", part)
        if names:
            for name in re.findall(r"``(\w+)``", names[1]):
                found[name] = names[2].strip().rstrip(".").replace("``", "`")
    return found


def _defaults() -> dict[str, str]:
    made = settings.Config()
    return {name: _toml(getattr(made, name)) for name in made._fields}


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return f'"{value}"'


def reference() -> str:
    """Return the page of settings and options."""
    docs, defaults = _setting_docs(), _defaults()
    about = "Made from the code by `make docs`. How settings are found: [Settings](configuration.md)."
    out = ["# Reference", "", about, ""]
    out += ["## Settings", "", "| key | default | meaning |", "|---|---|---|"]
    for key, name in settings._KEYS.items():
        text = docs.get(name, "another settings file, whose values hold where this one says nothing")
        out.append(f"| `{key}` | `{defaults.get(name, '-')}` | {text} |")
    out += ["", "All of them once:", "", "```toml", "[tool.transpile-hybrid]"]
    out += [f"{key} = {_EXAMPLES[key]}" for key in settings._KEYS if key != "extend"]
    out += ["```", "", "## Targets", "", "| name | compiled means | export writes |", "|---|---|---|"]
    out += [f"| `{one.name}` | {one.compiled} | {one.artifact} |" for one in TARGETS.values()]
    for verb in VERBS:
        command: click.Command = import_module(f"transpile_hybrid.cli.{verb}").command
        out += ["", f"## transpile-hybrid {verb}", "", *(command.help or "").strip().splitlines(), ""]
        rows = [option for option in command.params if isinstance(option, click.Option)]
        if rows:
            out += ["| option | meaning |", "|---|---|"]
            out += [f"| {_names(option)} | {(option.help or '').replace('|', chr(92) + '|')} |" for option in rows]
    return "\n".join(out) + "\n"


def _names(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.metavar or option.type.name.upper()}"
    return ", ".join(f"`{name}{value}`" for name in (*option.opts, *option.secondary_opts))


def _may_be_silent(rule: Rule) -> bool:
    """Whether a rule, or one of its findings, is about a silently different result."""
    text = inspect.getsource(sys.modules[rule.check.__module__])
    return rule.consequence is Consequence.SILENT or "Consequence.SILENT" in text


def _first(rule: Rule) -> str:
    """Return the first line of a rule's documentation."""
    return rule.doc.splitlines()[0].replace("``", "`")


def _why(rule: Rule) -> str:
    """Return the first sentence of why the finding matters."""
    match = re.search(r"Why is this bad:?\n+(.*?)(?:\n\n|\Z)", rule.doc, re.S)
    text = " ".join((match[1] if match else "").split()).replace("``", "`").replace("|", "\\|")
    first = re.match(r".*?[.:](?= |$)", text)
    return first[0].rstrip(":") if first else text


def silent() -> str:
    """Return the page of silent differences."""
    out = [_SILENT]
    rules = [rule for rule in all_rules() if _may_be_silent(rule)]
    told: set[str] = set()
    for target, about in _ABOUT.items():
        every = [rule for rule in rules if target in rule.targets]
        mine = [rule for rule in every if target != "tf.xla" or rule.code not in told]
        told.update(rule.code for rule in mine)
        out += [f"## {target}", "", about, ""]
        if len(mine) < len(every):
            out += ["All that `tf.function` changes" + (", and:" if mine else "."), ""]
        if not every:
            out += ["No rule of ours finds a silent difference here.", ""]
        if not mine:
            continue
        out += ["| rule | what | and then |", "|---|---|---|"]
        out += [f"| [{rule.code}](rules/{rule.code}.md) | {_first(rule)} | {_why(rule)} |" for rule in mine]
        out.append("")
    out += [
        "## What to do",
        "",
        "`transpile-hybrid check` finds these and says *silently different* first; `rewrite` mends those that can be",
        "mended; `verify` runs both sides and [compares](verify.md) what they compute, print, draw and write.",
    ]
    return "\n".join(out) + "\n"


PAGES = {"reference.md": reference, "silently-changes.md": silent}


def main() -> int:
    stale = False
    for name, page in PAGES.items():
        file, text = DOCS / name, page()
        if "--check" not in sys.argv[1:]:
            file.write_text(text, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            print(f"docs/{name} is out of date: run `make docs`")
            stale = True
    return int(stale)


if __name__ == "__main__":
    raise SystemExit(main())
