"""``transpile-hybrid config``: what is in force for a path, and where each value comes from."""

from __future__ import annotations

import json
from typing import Any

import click

from ..config import KEYS
from .common import config_of, selection_options, style, target_option


@click.command("config")
@click.argument("path", default=".", type=click.Path())
@target_option
@selection_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(path: str, as_json: bool, **opts: Any) -> None:
    """Print the settings that are in force for PATH (a file or folder; default: here) and where each comes from."""
    import os

    config = config_of(os.path.join(path, "x.py") if os.path.isdir(path) else path, **opts)
    origins = dict(config.origins)
    rows = []
    for key in KEYS:
        name = key.replace("-", "_")
        value = getattr(config, name)
        if name == "target" and not value:
            value = config.targets
        table = name in ("per_file_ignores", "bases", "verify")
        rows.append((key, dict(value) if table else value, origins.get(name, "default")))
    if as_json:
        click.echo(json.dumps({key: {"value": value, "from": origin} for key, value, origin in rows}, indent=1))
        return
    width = max(len(key) for key in KEYS)
    for key, value, origin in rows:
        shown = json.dumps(value, ensure_ascii=False)
        click.echo(f"{style(key.ljust(width), bold=True)} = {shown}  {style(f'# {origin}', fg='blue')}")
    click.echo(f"settings of: {config.origin or 'no file; defaults'}", err=True)
