"""``transpile-hybrid export``: units on disk as their targets serialize them, read back and compared."""

from __future__ import annotations

from typing import Any

import click

from .common import error, target_option
from .progress import Progress
from .verify import make_options, running_options, verify_each, write_json


@click.command("export")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@target_option
@click.option("-o", "--output", default="exported", show_default=True, metavar="FOLDER", help="Where to write.")
@click.option("--json", "json_file", metavar="FILE", help="Write what was found as JSON (`-`: standard output).")
@running_options
def command(**opts: Any) -> None:
    """Rewrite each file in PATHS in memory, compile its units by each target, and write them to FOLDER.

    A unit is written as FOLDER/FILE/UNIT/TARGET/ if it is equal to the original when compiled, and if what was
    written gives the same bits when it is read back in a fresh process: .pt (torch.script), .pt2 (torch.export), an
    AOTInductor package (torch.compile), a SavedModel (tf.function, tf.xla), -symbol.json and .params (mxnet.hybrid).

    This executes the code in those files, in worker processes with a time and memory limit: no sandbox.

    Exit code: 0 all written, 1 something was not, 2 the tool could not do its work.
    """
    from ..report.tables import console, print_exports

    options = make_options(opts, speed=False, export=True, keep=opts["output"])
    with Progress("exporting") as progress:
        verdicts, errors = verify_each(opts["paths"], opts, options, progress)
    if opts["json_file"] != "-":
        print_exports(verdicts, console())
    if opts["json_file"]:
        write_json(verdicts, opts["json_file"])
    for text in errors:
        error(text)
    done = [v for v in verdicts if v.equivalent is True and v.export is not None and v.export["ok"]]
    raise SystemExit(2 if errors else 0 if verdicts and len(done) == len(verdicts) else 1)
