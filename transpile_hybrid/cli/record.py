"""``transpile-hybrid record``: a real run, for what models are built and called with."""

from __future__ import annotations

import click

from ..verify.options import VerifyError
from ..verify.recorded import FILE, record
from .common import ToolError, note


@click.command("record", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-o", "--output", default=FILE, show_default=True, metavar="FILE", help="Added to if it is there.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def command(output: str, command: tuple[str, ...]) -> None:
    """Run COMMAND (`record -- python train.py`, `record -- python -m pytest`) and note what models are built and called
    with.

    Kept are, for each class of a model in your own files: the plain constructor arguments of its first instance, and
    shapes and dtypes of up to four kinds of inputs. No tensor's contents are kept. `verify` and `export` use the
    nearest such file above a source where the source declares no inputs itself.

    Exit code: that of COMMAND; 2 if it can't be run.
    """
    try:
        code, count = record(command, output)
    except VerifyError as exc:
        raise ToolError(str(exc)) from exc
    note(f"{count} classes recorded in {output}" if count else "nothing was recorded: no model of your own files ran")
    raise SystemExit(code if code >= 0 else 128 - code)
