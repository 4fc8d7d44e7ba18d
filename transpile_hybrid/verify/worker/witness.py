"""What user code does besides computing: text on standard error, warnings of its own, files and processes elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from typing import Any

from .tree import without_addresses, without_lines

_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND
_EVENTS = frozenset(
    ["os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.kill"]
    + ["subprocess.Popen", "socket.connect", "os.chmod", "os.link", "os.symlink", "os.truncate"]
)
_MOST = 200


class Witness:
    """Notes, from :meth:`start` on, what the code at ``shown`` and its neighbours in ``folder`` does itself.

    What a framework does on its own account is left out: only calls count that come from the user's code directly or
    through the standard library.
    """

    def __init__(self, shown: str, folder: str, home: str) -> None:
        self._shown, self._folder, self._home = shown, folder + os.sep, home
        self._text: list[str] = []
        self._effects: list[str] = []
        self._on = False

    def start(self) -> None:
        """Stand in for ``sys.stderr`` and listen to Python's audit events."""
        self._on = True
        sys.stderr = _Tee(sys.stderr, self)
        shown = warnings.showwarning

        def show(message: Any, category: Any, *rest: Any, **more: Any) -> None:
            if self.is_theirs(sys._getframe(1)):
                self._text.append(f"{category.__name__}: {message}\n")
            self._on = False  # Python's own form of it shows the line as it is written
            try:
                shown(message, category, *rest, **more)
            finally:
                self._on = True

        warnings.showwarning = show
        sys.addaudithook(self._event)

    def is_theirs(self, frame: Any) -> bool:
        """Whether the innermost frame outside of the standard library is the user's."""
        while frame is not None:
            file = frame.f_code.co_filename
            if file == self._shown or (file.startswith(self._folder) and "site-packages" not in file):
                return not file.startswith(_HERE)
            if not (file.startswith(("<", _HERE)) or (file.startswith(_LIBRARY) and "site-packages" not in file)):
                return False
            frame = frame.f_back
        return False

    def wrote(self, text: str) -> None:
        """Note text written to standard error."""
        if self._on and len(self._text) < _MOST and self.is_theirs(sys._getframe(2)):
            self._text.append(text)

    def _event(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if not isinstance(path, str) or path.startswith(("/dev/", "/proc/")):
                return
            writes = any(c in mode for c in "wax+") if mode else bool(flags and flags & _WRITING)
            if not writes:
                return
        elif event not in _EVENTS:
            return
        if len(self._effects) > _MOST or not self.is_theirs(sys._getframe(1)):
            return
        name = args[0] if args and isinstance(args[0], (str, bytes, int)) else ""
        if isinstance(name, str) and event in ("open", "os.remove", "os.mkdir", "os.rmdir", "os.rename"):
            place = os.path.abspath(name)
            if place.startswith(self._home) or "__pycache__" in place:
                return  # the worker's own folder: what is left there is looked at in the end
        self._effects.append(f"{event} {name!r}")

    def take(self) -> tuple[str, list[str]]:
        """Return the text and the effects since the last call."""
        text, effects = "".join(self._text), list(self._effects)
        self._text.clear()
        self._effects.clear()
        return without_lines(without_addresses(text)).replace(self._home, ".."), effects


class _Tee:
    """Writes on to the real stream and tells the witness."""

    def __init__(self, stream: Any, witness: Witness) -> None:
        self._stream, self._witness = stream, witness

    def write(self, text: str) -> int:
        self._witness.wrote(text)
        with contextlib.suppress(OSError, ValueError):  # closed by user code
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
