"""Recordings: what ``record`` keeps of a real run, on disk, and finding what was recorded of a file."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .options import VerifyError

FILE = ".transpile-hybrid-recorded.json"
VERSION = 1
_RECORDER = Path(__file__).parent / "recorder"


def record(command: Sequence[str], file: Path | str = FILE) -> tuple[int, int]:
    """Run a command and add what its processes recorded to ``file``; return its exit code and the number of classes.

    Paths in the file are relative to its folder where they lie below it.  Raises :class:`VerifyError` if the command
    can't be run or the file can't be read or written.
    """
    known = _read(Path(file)) if Path(file).exists() else {}
    with tempfile.TemporaryDirectory(prefix="transpile-hybrid-record-") as folder:
        paths = [str(_RECORDER), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "TRANSPILE_HYBRID_RECORD": folder, "PYTHONPATH": os.pathsep.join(paths)}
        try:
            code = subprocess.run(list(command), env=environment).returncode
        except OSError as exc:
            raise VerifyError(f"{command[0]}: cannot be run: {exc.strerror or exc}") from exc
        found: dict[str, dict[str, Any]] = {}
        for part in sorted(Path(folder).glob("*.json")):
            for path, units in json.loads(part.read_text(encoding="utf-8")).items():
                for name, entry in units.items():
                    _merge(found.setdefault(path, {}), name, entry)
    root = os.path.dirname(os.path.abspath(file))
    for path, units in found.items():
        below = os.path.relpath(path, root)
        known.setdefault(path if below.startswith(os.pardir) else below.replace(os.sep, "/"), {}).update(units)
    try:
        text = json.dumps({"version": VERSION, "files": known}, indent=1, sort_keys=True) + "\n"
        temporary = Path(f"{file}.part")
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, file)
    except OSError as exc:
        raise VerifyError(f"{file}: not written: {exc.strerror or exc}") from exc
    return code, sum(len(units) for units in found.values())


def _merge(units: dict[str, Any], name: str, entry: dict[str, Any]) -> None:
    mine = units.setdefault(name, entry)
    if mine is not entry:
        mine["inputs"] += [inputs for inputs in entry["inputs"] if inputs not in mine["inputs"]]
        mine["inputs"] = mine["inputs"][:4]


def _read(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        files = data["files"]
        if data["version"] != VERSION or not isinstance(files, dict):
            raise KeyError("version")
    except OSError as exc:
        raise VerifyError(f"{file}: cannot be read: {exc.strerror or exc}") from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise VerifyError(f"{file}: is no recording of this version; remove it and record again") from exc
    return dict(files)


def recorded_of(path: str, file: str | None = None) -> dict[str, Any]:
    """Return what was recorded of the source at ``path``, by class; from ``file``, or the nearest recording above it.

    Raises :class:`VerifyError` for a recording that can't be read.
    """
    absolute = os.path.abspath(path)
    places = [Path(file)] if file is not None else [folder / FILE for folder in Path(absolute).parents]
    for place in places:
        if file is None and not place.is_file():
            continue
        files = _read(place)
        below = os.path.relpath(absolute, place.resolve().parent).replace(os.sep, "/")
        found = files.get(below) or files.get(absolute) or {}
        return dict(found)
    return {}
