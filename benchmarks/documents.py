"""Rewrite real notebooks and Markdown, and tell whether anything but the code that was edited has changed.

    python benchmarks/documents.py FOLDER... [--target T]... [--unsafe]

The documents of each FOLDER are copied.  Per folder: documents and their Python cells; documents that are none (broken
JSON, another encoding); *identity*: reading and writing, every cell written back, changes a byte; documents rewritten
by the command, and then, told without the tool's own readers,

* *no document*: the new file is no valid JSON, or has other fences;
* *outside*: something beside the code of a cell differs: keys and their order, outputs, ids, prose, indentation,
  escapes, newlines;
* *moved again*: a second run changes something;
* *forms*: the same document with ``\\r\\n``, a byte order mark, or (notebooks) other JSON formatting and escapes
  becomes something else.

Exit code 1 when there is any of these, or the command crashes.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

from transpile_hybrid.source.document import document_of
from transpile_hybrid.source.errors import SourceError
from transpile_hybrid.source.source import DOCUMENTS

COMMAND = "import sys; from transpile_hybrid.cli.main import main; sys.argv[0] = 'transpile-hybrid'; main()"
FAULTS = ("identity", "no document", "outside", "moved again", "forms", "crashed")


@dataclass
class Folder:
    """What became of one folder's documents; ``faults`` are lines by kind."""

    documents: int = 0
    cells: int = 0
    unreadable: int = 0
    rewritten: int = 0
    edited: int = 0
    faults: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FAULTS})


def identical(data: bytes, path: str) -> tuple[int, bool]:
    """Return how many cells a document has, and whether writing them back changes nothing.  Raises ``SourceError``."""
    document = document_of(data, path)
    same = document.with_cells({cell.index: cell.text for cell in document.cells})
    return len(document.cells), document.to_bytes() == data and same.to_bytes() == data


def run(folder: Path, targets: list[str], unsafe: bool) -> str:
    """Run ``rewrite`` over a folder; return what it said if it crashed."""
    command = [
        sys.executable,
        "-c",
        COMMAND,
        "rewrite",
        "-q",
        "--allow-dirty",
        "--no-cache",
        "--no-format",
        str(folder),
    ]
    command += [f"--target={target}" for target in targets] + ["--unsafe"] * unsafe
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if "internal" in line or "Traceback" in line]
    if done.returncode not in (0, 1, 2):
        lines.append(f"exit code {done.returncode}: {done.stderr[-300:]}")
    return "; ".join(lines)


# ---- notebooks: what the JSON says, and how it is written


def joined(value: object) -> str | None:
    """Return the text of a cell's source."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else None


@dataclass
class Parsed:
    """A notebook as ordered pairs with the code taken out, and the code of its cells."""

    rest: object
    code: list[str]


def parsed(text: str) -> Parsed:
    code: list[str] = []

    def take(pairs: list[tuple[str, object]]) -> object:
        kinds = {value for key, value in pairs if key == "cell_type" and isinstance(value, str)}
        if "code" not in kinds:
            return pairs
        out: list[tuple[str, object]] = []
        for key, value in pairs:
            source = joined(value) if key in ("source", "input") else None
            if source is not None:
                code.append(source)
            out.append((key, type(value).__name__ if source is not None else value))
        return out

    rest = json.loads(text, object_pairs_hook=take)
    return Parsed(rest, code)


def notebook_differs(old: bytes, new: bytes) -> tuple[str, int]:
    """Return what differs beside code (``""``: nothing), and how many cells' code does."""
    before, after = parsed(old.decode("utf-8-sig")), parsed(new.decode("utf-8-sig"))
    if before.rest != after.rest or len(before.code) != len(after.code):
        return "keys, outputs or metadata", 0
    changed = [(one, two) for one, two in zip(before.code, after.code, strict=True) if one != two]
    if old.isascii() and not new.isascii():
        return "escapes", len(changed)
    if old.startswith(b"\xef\xbb\xbf") != new.startswith(b"\xef\xbb\xbf"):
        return "byte order mark", len(changed)
    first, second = old.split(b"\n"), new.split(b"\n")
    left, more = Counter(first) - Counter(second), Counter(second) - Counter(first)
    code = {line for pair in changed for one in pair for line in one.split("\n")}
    layout = {layout_of(line) for line in first}
    for line in more:
        if layout_of(line) not in layout:
            return f"formatting of {line[:60]!r}", len(changed)
    for line in (*left, *more):
        if not all(text in code for text in strings(line)):
            return f"line {line[:80]!r}", len(changed)
    return "", len(changed)


def strings(line: bytes) -> Iterator[str]:
    """Yield the lines of code that a line of a notebook holds, where a cell's source is a list of lines."""
    text = line.decode("utf-8-sig").strip().rstrip(",")
    if re.fullmatch(r'"(?:[^"\\]|\\.)*"', text):
        yield from json.loads(text).removesuffix("\n").split("\n")


def layout_of(line: bytes) -> bytes:
    """Return how a line is indented and ended."""
    return line[: len(line) - len(line.lstrip())] + line[len(line.rstrip(b" \r")) :]


# ---- Markdown


def fences(text: str) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Return the fences (mark and info), the lines outside of them, and the code of each, by CommonMark's rules."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    heads: list[tuple[str, str]] = []
    code: list[str] = []
    inside: set[int] = set()
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.map:
            heads.append((token.markup, token.info))
            begin, end = token.map[0] + 1, token.map[1]
            last = lines[end - 1].strip() if end - 1 < len(lines) else ""
            end -= bool(last) and not last.strip(token.markup[0])
            code.append("".join(lines[begin:end]))
            inside.update(range(begin, end))
    return heads, [line for number, line in enumerate(lines) if number not in inside], code


def markdown_differs(old: bytes, new: bytes) -> tuple[str, int]:
    """Return what differs beside code in fences (``""``: nothing), and how many fences' code does."""
    heads, prose, code = fences(old.decode("utf-8"))
    new_heads, new_prose, new_code = fences(new.decode("utf-8"))
    if heads != new_heads:
        return "fences", 0
    changed = [(head, one, two) for head, one, two in zip(heads, code, new_code, strict=True) if one != two]
    if prose != new_prose:
        return "prose", len(changed)
    for (_, info), one, two in changed:
        if not re.search(r"\bi?py", info, re.I):
            return f"a block of {info!r}", len(changed)
        if ends(two) - ends(one):
            return "newlines", len(changed)
    return "", len(changed)


def ends(text: str) -> set[str]:
    return set(re.findall(r"\r\n|\r|\n", text))


def differs(path: str, old: bytes, new: bytes) -> tuple[str, int]:
    return (notebook_differs if path.endswith(".ipynb") else markdown_differs)(old, new)


# ---- other forms of the same document


def with_crlf(data: bytes) -> bytes:
    return data if b"\r" in data else data.replace(b"\n", b"\r\n")


def with_mark(data: bytes) -> bytes:
    return data if data.startswith(b"\xef\xbb\xbf") else b"\xef\xbb\xbf" + data


def form(indent: int | None, ascii_only: bool, compact: bool) -> Callable[[bytes], bytes]:
    def made(data: bytes) -> bytes:
        value = json.loads(data.decode("utf-8-sig"))
        separators = (",", ":") if compact else None
        return json.dumps(value, indent=indent, ensure_ascii=ascii_only, separators=separators).encode()

    return made


FORMS = {"crlf": with_crlf, "mark": with_mark}
NOTEBOOK_FORMS = {"escaped": form(4, True, False), "raw": form(0, False, False), "one-line": form(None, False, True)}


def write_forms(work: Path, name: str, old: bytes) -> dict[str, Path]:
    """Write other forms of a document beside it; return them by the name of the form."""
    made: dict[str, Path] = {}
    for kind, change in {**FORMS, **(NOTEBOOK_FORMS if name.endswith(".ipynb") else {})}.items():
        try:
            data = change(old)
        except UnicodeEncodeError:  # a lone surrogate, which only escapes can write
            continue
        path = work / name
        made[kind] = path.with_name(f"{path.stem}.{kind}{path.suffix}")
        made[kind].write_bytes(data)
    return made


def form_fault(kind: str, old: bytes, new: bytes, plain: bytes) -> str:
    """Tell what is wrong with ``new``, which a form of a document became; in its plain form it became ``plain``."""
    if kind in FORMS:
        return "" if new == FORMS[kind](plain) else f"{kind}: other bytes"
    if parsed(new.decode()) != parsed(plain.decode("utf-8-sig")):
        return f"{kind}: another notebook"
    said, _ = notebook_differs(old, new)
    return f"{kind}: {said}" if said else ""


def measure(folder: Path, targets: list[str], unsafe: bool) -> Folder:
    result = Folder()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        (work / "pyproject.toml").write_text('[tool.transpile-hybrid]\ninclude = ["*.ipynb", "*.md", "*.markdown"]\n')
        old: dict[str, bytes] = {}
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() in DOCUMENTS and file.is_file():
                name = str(file.relative_to(folder))
                old[name] = file.read_bytes()
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                (work / name).write_bytes(old[name])
        result.documents = len(old)
        for name, data in old.items():
            try:
                cells, same = identical(data, name)
            except SourceError:
                result.unreadable += 1
                continue
            result.cells += cells
            if not same:
                result.faults["identity"].append(name)
        if said := run(work, targets, unsafe):
            result.faults["crashed"].append(said)
        new = {name: (work / name).read_bytes() for name in old}
        changed = [name for name in old if new[name] != old[name]]
        result.rewritten = len(changed)
        forms: dict[str, dict[str, Path]] = {}
        for name in changed:
            try:
                what, cells = differs(name, old[name], new[name])
            except ValueError as exc:
                result.faults["no document"].append(f"{name}: {exc}")
                continue
            result.edited += cells
            if what:
                result.faults["no document" if what == "fences" else "outside"].append(f"{name}: {what}")
            forms[name] = write_forms(work, name, old[name])
        written = {path: path.read_bytes() for made in forms.values() for path in made.values()}
        if said := run(work, targets, unsafe):
            result.faults["crashed"].append(said)
        result.faults["moved again"] += [name for name in old if (work / name).read_bytes() != new[name]]
        for name, made in forms.items():
            for kind, path in made.items():
                if fault := form_fault(kind, written[path], path.read_bytes(), new[name]):
                    result.faults["forms"].append(f"{name}: {fault}")
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--unsafe", action="store_true")
    options = parser.parse_args()
    titles = ("documents", "cells", "none", "rewritten", "cells edited", *FAULTS)
    print(f"{'folder':32}", *titles, sep="  ")
    bad = 0
    for folder in options.folders:
        one = measure(folder, options.target, options.unsafe)
        numbers = [one.documents, one.cells, one.unreadable, one.rewritten, one.edited]
        numbers += [len(one.faults[name]) for name in FAULTS]
        row = (f"{number:{len(title)},}" for number, title in zip(numbers, titles, strict=True))
        print(f"{folder.name:32}", *row, sep="  ", flush=True)
        for name, lines in one.faults.items():
            bad += len(lines)
            for line in lines:
                print(f"  {name}: {line}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
