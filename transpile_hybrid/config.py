"""Settings: the ``[tool.transpile-hybrid]`` table of the nearest ``pyproject.toml``."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .targets import UnknownTarget, parse_targets

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover
    import tomli as tomllib


class ConfigError(Exception):
    """A configuration that can't be used; the message names the file, the key and the cause."""


@dataclass(frozen=True)
class Config:
    """What is in force.

    ``target``: targets to judge for; ``exclude``: gitignore-style patterns, relative to the file's folder;
    ``unsafe_fixes``: whether ``rewrite`` applies unsafe fixes; ``origin``: the file that it was read from, or ``""``.
    """

    target: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    unsafe_fixes: bool = False
    origin: str = ""


_KEYS = {field.name.replace("_", "-"): field.name for field in fields(Config) if field.name != "origin"}


def find_config(start: Path) -> Config:
    """Return the settings that govern ``start`` (a file or folder): of the nearest ``pyproject.toml`` with our table.

    Raises :class:`ConfigError` for a file that can't be parsed, an unknown key or a value of the wrong type.
    """
    folder = start.resolve()
    for parent in (folder, *folder.parents):
        file = parent / "pyproject.toml"
        if file.is_file():
            table = _table(file)
            if table is not None:
                return _parse(table, file)
        if (parent / ".git").exists():
            break
    return Config()


def _table(file: Path) -> dict[str, Any] | None:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{_shown(file)}: cannot be read: {exc}") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{_shown(file)}: is not valid TOML: {exc}") from exc
    table = data.get("tool", {}).get("transpile-hybrid")
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{_shown(file)}: tool.transpile-hybrid must be a table")
    return table


def _parse(table: dict[str, Any], file: Path) -> Config:
    values: dict[str, Any] = {"origin": _shown(file)}
    for key, value in table.items():
        where = f"{_shown(file)}: tool.transpile-hybrid.{key}"
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f" (known: {', '.join(sorted(_KEYS))})"
            raise ConfigError(f"{where}: unknown key{hint}")
        if key == "unsafe-fixes":
            if not isinstance(value, bool):
                raise ConfigError(f"{where}: must be true or false")
            values[_KEYS[key]] = value
            continue
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ConfigError(f"{where}: must be a string or a list of strings")
        if key == "target":
            try:
                items = list(parse_targets(items)) if items else []
            except UnknownTarget as exc:
                raise ConfigError(f"{where}: {exc}") from exc
        values[_KEYS[key]] = tuple(items)
    return Config(**values)


def _shown(file: Path) -> str:
    try:
        return file.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(file)
