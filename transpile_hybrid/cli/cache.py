"""``transpile-hybrid cache``: where results are kept, and how to remove them."""

from __future__ import annotations

import click

from ..run.cache import clean, default_folder
from .common import note


@click.command("cache")
@click.argument("action", type=click.Choice(["clean", "dir"]))
@click.argument("path", default=".", type=click.Path())
def command(action: str, path: str) -> None:
    """Show the cache folder of the project around PATH (default: here) with `dir`, or remove it with `clean`.

    The environment variable TRANSPILE_HYBRID_CACHE_DIR puts it elsewhere.
    """
    folder = default_folder(path)
    if action == "dir":
        click.echo(folder)
        return
    number = clean(folder)
    note(f"{folder}: {number} cache {'file' if number == 1 else 'files'} removed")
