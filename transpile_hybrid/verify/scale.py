"""Many pairs: results that outlive a run, and runs on more than one machine."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import __version__
from .configured import settings_of
from .options import VerifyError, VerifyOptions
from .pair import Pair
from .plan import Text
from .process import find_python
from .verdict import VERDICT_SCHEMA, Verdict

Answer = list[Verdict] | VerifyError
# options that change how long a run takes, not what it finds
_NO_MATTER = ("jobs", "keep")


class Store:
    """A folder of finished answers, one file each, written whole or not at all.

    An answer is used again as long as both texts, the Python files beside them, targets, options, interpreter and this
    package's version are the same.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def get(self, pair: Pair, options: VerifyOptions) -> list[Verdict] | None:
        """Return a kept answer, ``None`` if there is none (or none that is whole and can be read)."""
        whole, verdicts = self._read(pair, options)
        return verdicts if whole else None

    def part(self, pair: Pair, options: VerifyOptions) -> dict[str, list[Verdict]]:
        """Return, unit by unit, what a run found that came to no end."""
        found: dict[str, list[Verdict]] = {}
        for verdict in self._read(pair, options)[1]:
            found.setdefault(verdict.unit, []).append(verdict)
        return found

    def _read(self, pair: Pair, options: VerifyOptions) -> tuple[bool, list[Verdict]]:
        try:
            data = json.loads(self._file(pair, options).read_text(encoding="utf-8"))
            if data["version"] != VERDICT_SCHEMA:
                return False, []
            return bool(data["whole"]), [Verdict.from_json(unit) for unit in data["units"]]
        except (OSError, ValueError, KeyError, TypeError):
            return False, []

    def put(self, pair: Pair, options: VerifyOptions, verdicts: list[Verdict], *, whole: bool = True) -> None:
        """Keep an answer, or the part of it that is there.  Raises :class:`VerifyError` if it can't be written."""
        file = self._file(pair, options)
        units = [verdict.to_json() for verdict in verdicts]
        data = {"version": VERDICT_SCHEMA, "whole": whole, "units": units}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary = file.with_suffix(f".{os.getpid()}.part")
            temporary.write_text(json.dumps(data), encoding="utf-8")
            os.replace(temporary, file)
        except OSError as exc:
            raise VerifyError(f"{self.folder}: results can't be kept there: {exc.strerror or exc}") from exc

    def _file(self, pair: Pair, options: VerifyOptions) -> Path:
        kept = {key: value for key, value in asdict(options).items() if key not in _NO_MATTER}
        question = [
            __version__, _plain(pair), kept, find_python(options, Path(pair.before.path)),
            _beside(pair.before.path), _beside(pair.after.path), settings_of(pair.before.path).verify,
        ]  # fmt: skip
        digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / f"{digest[:40]}.json"


def _beside(path: str) -> str:
    """Return a digest of the Python files in a file's folder, which it may import."""
    found = hashlib.sha256()
    for file in sorted(Path(path).resolve().parent.glob("*.py")):
        with contextlib.suppress(OSError):
            found.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def _plain(pair: Pair) -> dict[str, Any]:
    return {**asdict(pair), "exclude": sorted(pair.exclude)}


def work_out(pair: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Work one pair out, as plain data; the task that an executor runs wherever it likes."""
    from .api import verify_pairs

    sides = [Text(**pair[side]) for side in ("before", "after")]
    targets = None if pair["targets"] is None else tuple(pair["targets"])
    options = {**options, "allow_env": tuple(options["allow_env"])}
    (answer,) = verify_pairs([Pair(sides[0], sides[1], targets, frozenset(pair["exclude"]))], VerifyOptions(**options))
    if isinstance(answer, VerifyError):
        return {"error": str(answer)}
    return {"units": [verdict.to_json() for verdict in answer]}


def run_on(executor: Executor, pairs: Mapping[int, Pair], options: VerifyOptions) -> Iterator[tuple[int, Answer]]:
    """Run pairs as tasks of an executor and yield ``(number, answer)`` as they come; a lost task is an error."""
    plain = asdict(options)
    running: dict[Future[dict[str, Any]], int] = {
        executor.submit(work_out, _plain(pair), plain): number for number, pair in pairs.items()
    }
    for future in as_completed(running):
        number = running[future]
        try:
            found = future.result()
        except Exception as exc:  # whatever became of the machine that ran it
            yield number, VerifyError(f"{pairs[number].before.path}: not verified: {type(exc).__name__}: {exc}")
            continue
        if "error" in found:
            yield number, VerifyError(found["error"])
        else:
            yield number, [Verdict.from_json(unit) for unit in found["units"]]
