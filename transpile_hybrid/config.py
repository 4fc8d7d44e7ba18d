"""Settings: ``[tool.transpile-hybrid]`` of ``pyproject.toml``, or ``.transpile-hybrid.toml``, of the nearest folder
that has one.

A file is governed by the nearest settings above it; a folder's settings replace those further up, unless they say
``extend = "../pyproject.toml"``.  What is given on the command line is stronger.
"""

# Annotations are values here: a NamedTuple would compile each that is text, at every start of the command.
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from .targets import UnknownTarget, parse_targets

FILE = ".transpile-hybrid.toml"
_MAX_EXTENDS = 10


class ConfigError(Exception):
    """A configuration that can't be used; the message names the file, the key and the cause."""


class Config(NamedTuple):
    """What is in force.

    ``target``: targets to judge for; ``select``, ``extend_select``, ``ignore``: rule codes or beginnings of codes;
    ``per_file_ignores``: (pattern, codes) pairs; ``bases``: (qualified class, framework) pairs, a team's own base
    classes;
    ``exclude``: gitignore-style patterns relative to ``root``; ``include``: patterns of file names that are looked
    for in folders; ``force_exclude``: whether ``exclude`` and ``.gitignore`` hold for files named explicitly too;
    ``unsafe_fixes``: whether ``rewrite`` applies unsafe fixes; ``baseline``: a file of known findings; ``verify``: its
    table ``inputs`` says for a unit (``Net`` or ``net.py:Net``) what ``verify`` feeds it, a shape per argument.
    ``origin`` is the file that it was read from (or ``""``) and ``origins`` tells for each key where its value comes
    from.
    """

    target: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    bases: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ("*.py", "*.ipynb")
    force_exclude: bool = False
    unsafe_fixes: bool = False
    baseline: str = ""
    verify: tuple[tuple[str, str], ...] = ()
    root: str = ""
    origin: str = ""
    origins: tuple[tuple[str, str], ...] = ()

    def with_options(self, **options: Any) -> "Config":
        """Return these settings with what was given on the command line (``None`` and ``()``: not given)."""
        given = {name: value for name, value in options.items() if value not in (None, ())}
        origins = dict(self.origins)
        origins.update((name, "command line") for name in given)
        return self._replace(**given, origins=tuple(origins.items()))

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets to judge for.  Raises ``UnknownTarget``."""
        return parse_targets(list(self.target))

    def selects(self, code: str) -> bool:
        """Whether findings with ``code`` are wanted; the longest matching beginning decides, ``ignore`` in a draw."""
        wanted = max((len(one) for one in (*self.select, *self.extend_select) if _begins(code, one)), default=0)
        unwanted = max((len(one) for one in self.ignore if _begins(code, one)), default=0)
        if not wanted and self.select:
            return False
        return not unwanted or wanted > unwanted

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """Return the codes that ``per-file-ignores`` names for a file."""
        if not self.per_file_ignores:
            return ()
        below = os.path.relpath(os.path.abspath(path), self.root or os.curdir).replace(os.sep, "/")
        return tuple(code for pattern, codes in self.per_file_ignores if matches(pattern, below) for code in codes)

    def inputs_for(self, unit: str, path: str) -> str | None:
        """Return the JSON of the inputs that ``verify`` is to feed a unit of the file ``path``, if settings say so."""
        below = os.path.relpath(os.path.abspath(path), self.root or os.curdir).replace(os.sep, "/")
        found = None
        for name, inputs in self.verify:
            file, _, short = name.rpartition(":")
            if short == unit and (not file or matches(file, below)):
                if file:
                    return inputs
                found = inputs
        return found

    def keeps(self, code: str, path: str) -> bool:
        """Whether a finding with ``code`` in the file ``path`` is to be told."""
        return self.selects(code) and not any(_begins(code, one) for one in self.ignored_in(path))


def _begins(code: str, beginning: str) -> bool:
    return beginning == "ALL" or code.startswith(beginning.upper())


@cache
def _pattern(pattern: str) -> Callable[[str], object]:
    """Compile a glob: ``*`` within a path component, ``**`` across, a pattern without ``/`` at any depth."""
    out = ""
    index = 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            out, index = out + "(?:.*/)?", index + 3
        elif pattern.startswith("**", index):
            out, index = out + ".*", index + 2
        else:
            char = pattern[index]
            out += {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char))
            index += 1
    head = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    tail = ".*" if pattern.endswith("/") else "(?:/.*)?"
    return re.compile(f"{head}{out}{tail}$").match


def matches(pattern: str, path: str) -> bool:
    """Whether a relative path (with ``/``) matches a glob."""
    return bool(_pattern(pattern.removeprefix("./"))(path))


_LISTS = ("select", "extend-select", "ignore", "exclude", "include")
_KEYS = {
    "target": "target", "select": "select", "extend-select": "extend_select", "ignore": "ignore",
    "per-file-ignores": "per_file_ignores", "bases": "bases", "exclude": "exclude", "include": "include",
    "force-exclude": "force_exclude", "unsafe-fixes": "unsafe_fixes", "baseline": "baseline", "verify": "verify",
    "extend": "extend",
}  # fmt: skip
KEYS = tuple(key for key in _KEYS if key != "extend")


class ConfigFinder:
    """Finds the settings of folders; each folder is looked at once."""

    def __init__(self, explicit: str | None = None) -> None:
        self._known: dict[str, Config] = {}
        self.explicit = _read(explicit, set(), own=True) if explicit else None

    def of(self, folder: str) -> Config:
        """Return the settings that govern the files of an (absolute) folder.  Raises :class:`ConfigError`."""
        if self.explicit is not None:
            return self.explicit
        known = self._known.get(folder)
        if known is None:
            found = _here(folder)
            parent = os.path.dirname(folder)
            if found is None:
                top = parent == folder or os.path.exists(os.path.join(folder, ".git"))
                found = Config() if top else self.of(parent)
            known = self._known[folder] = found
        return known

    def of_file(self, path: str) -> Config:
        """Return the settings that govern a file."""
        return self.of(os.path.dirname(os.path.abspath(path)))


def find_config(start: str | os.PathLike[str]) -> Config:
    """Return the settings that govern ``start`` (a folder).  Raises :class:`ConfigError`."""
    return ConfigFinder().of(os.path.abspath(start))


def _here(folder: str) -> Config | None:
    for name in (FILE, "pyproject.toml"):
        file = os.path.join(folder, name)
        if os.path.isfile(file):
            found = _read(file, set())
            if found is not None:
                return found
    return None


def _read(file: str, seen: set[str], own: bool = False) -> Config | None:
    """Return the settings in ``file``, or ``None`` where it has none (``own``: then an error)."""
    table = _table(file)
    if table is None:
        if own:
            raise ConfigError(f"{_shown(file)}: has no [tool.transpile-hybrid] table")
        return None
    seen.add(os.path.realpath(file))
    base = Config()
    if "extend" in table:
        where = f"{_shown(file)}: {_prefix(file)}extend"
        if not isinstance(table["extend"], str):
            raise ConfigError(f"{where}: must be a path")
        other = os.path.realpath(os.path.join(os.path.dirname(file), os.path.expanduser(table["extend"])))
        if other in seen or len(seen) > _MAX_EXTENDS:
            raise ConfigError(f"{where}: goes round in a circle")
        if not os.path.isfile(other):
            raise ConfigError(f"{where}: no such file: {table['extend']}")
        base = _read(other, seen, own=True) or base
    return _parse(table, file, base)


def _table(file: str) -> dict[str, Any] | None:
    """Return our table.  A ``pyproject.toml`` that doesn't mention us isn't parsed."""
    try:
        with open(file, encoding="utf-8") as handle:
            text = handle.read()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{_shown(file)}: cannot be read: {exc}") from exc
    bare = os.path.basename(file) != "pyproject.toml"
    if not bare and "transpile-hybrid" not in text:
        return None
    try:
        data = _loads(text)
    except ValueError as exc:
        raise ConfigError(f"{_shown(file)}: is not valid TOML: {exc}") from exc
    if bare and "tool" not in data:
        return data
    tool = data.get("tool", {})
    table = tool.get("transpile-hybrid") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{_shown(file)}: tool.transpile-hybrid must be a table")
    return table


def _loads(text: str) -> dict[str, Any]:
    import sys

    if sys.version_info >= (3, 11):
        from tomllib import loads
    else:  # pragma: no cover
        from tomli import loads
    return dict(loads(text))


def _prefix(file: str) -> str:
    return "tool.transpile-hybrid." if os.path.basename(file) == "pyproject.toml" else ""


def _parse(table: dict[str, Any], file: str, base: Config) -> Config:
    values: dict[str, Any] = {"origin": _shown(file), "root": os.path.dirname(os.path.abspath(file))}
    origins = dict(base.origins)
    for key, value in table.items():
        where = f"{_shown(file)}: {_prefix(file)}{key}"
        if key not in _KEYS:
            from difflib import get_close_matches

            near = get_close_matches(key, _KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f" (known: {', '.join(sorted(_KEYS))})"
            raise ConfigError(f"{where}: unknown key{hint}")
        if key == "extend":
            continue
        name = _KEYS[key]
        values[name] = _value(key, value, where)
        origins[name] = _shown(file)
        if key in ("baseline",) and values[name]:
            values[name] = os.path.join(values["root"], values[name])
    values["origins"] = tuple(origins.items())
    return base._replace(**values)


def _value(key: str, value: Any, where: str) -> Any:
    if key in ("unsafe-fixes", "force-exclude"):
        if not isinstance(value, bool):
            raise ConfigError(f"{where}: must be true or false")
        return value
    if key == "baseline":
        if not isinstance(value, str):
            raise ConfigError(f"{where}: must be a path")
        return value
    if key == "per-file-ignores":
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: must be a table of patterns and codes")
        return tuple(
            (pattern, codes(_strings(items, f"{where}.{pattern!r}"), where)) for pattern, items in value.items()
        )
    if key == "bases":
        return _bases(value, where)
    if key == "verify":
        return _verify(value, where)
    items = _strings(value, where)
    if key == "target":
        try:
            return parse_targets(list(items)) if items else ()
        except UnknownTarget as exc:
            raise ConfigError(f"{where}: {exc}") from exc
    return codes(items, where) if key in ("select", "extend-select", "ignore") else items


def _strings(value: Any, where: str) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ConfigError(f"{where}: must be a string or a list of strings")
    return tuple(items)


def codes(items: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Check rule codes and beginnings of codes (``THT1``, ``ALL``).  Raises :class:`ConfigError`."""
    for item in items:
        if item.upper() != "ALL" and not re.fullmatch(r"T(H([CTFM]\d{0,3})?)?|[A-Z]+\d*", item.upper()):
            raise ConfigError(f"{where}: {item!r} is no rule code")
    return tuple(item.upper() for item in items)


_FRAMEWORKS = ("torch", "mxnet", "tensorflow")


def _bases(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    """``{"team.nn.Base" = "torch"}``, or a list of names whose framework is found out by ``team.nn.Base: torch``."""
    if isinstance(value, list):
        pairs = [tuple(part.strip() for part in str(item).split(":", 1)) for item in value]
        if not all(len(pair) == 2 for pair in pairs):
            raise ConfigError(f'{where}: must be a table such as {{"team.nn.Base" = "torch"}}')
        value = {pair[0]: pair[1] for pair in pairs}
    if not isinstance(value, Mapping):
        raise ConfigError(f'{where}: must be a table such as {{"team.nn.Base" = "torch"}}')
    for name, framework in value.items():
        if framework not in _FRAMEWORKS:
            raise ConfigError(f"{where}.{name!r}: must be one of {', '.join(_FRAMEWORKS)}")
    return tuple(value.items())


def _verify(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    """``{inputs = {"Net" = [[2, 20]]}}`` as (unit, JSON) pairs."""
    import json

    if not isinstance(value, Mapping) or set(value) - {"inputs"} or not isinstance(value.get("inputs", {}), Mapping):
        raise ConfigError(f'{where}: must be a table such as {{inputs = {{"Net" = [[2, 20]]}}}}')
    for name, inputs in value.get("inputs", {}).items():
        if not isinstance(inputs, list):
            raise ConfigError(f"{where}.inputs.{name}: must be a list with one shape per argument")
    return tuple((name, json.dumps(inputs)) for name, inputs in value.get("inputs", {}).items())


def _shown(file: str) -> str:
    below = os.path.relpath(file)
    return file if below.startswith(os.pardir) else below.replace(os.sep, "/")
