"""Frames: the form in which a worker hands values to its parent.

A frame is a JSON header and raw buffers, followed by an HMAC-SHA256 over its number, its header and its buffers.  There
is nothing to unpickle, so reading what an untrusted process wrote can't run code; and a frame that was not written
with the key, or is out of order, is refused.  Layout: magic, header length (4 bytes, big endian), header, buffers, MAC.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

MAGIC = b"THV1"
MAC_BYTES = 32
END = "end"


class WireError(Exception):
    """The bytes are not frames written with the key: damaged, cut short inside a frame, or forged."""


class Frame(NamedTuple):
    """One message: its ``kind``, a JSON-ready ``body`` and the buffers that the body points into by index."""

    kind: str
    body: Any
    buffers: list[bytes]


def make_writer(fd: int, key: bytes) -> Callable[[str, Any, Sequence[bytes]], None]:
    """Return a function that writes one frame to ``fd``.

    The key lives on in the closure only.  Everything that the function calls is bound now, before any user code runs,
    so that a patched ``os.write`` or ``json.dumps`` changes nothing.
    """
    write, dumps, pack, new_mac, sha256 = os.write, json.JSONEncoder().encode, struct.pack, hmac.new, hashlib.sha256
    number = [0]

    def write_all(data: bytes) -> None:
        view = memoryview(data)
        while len(view):
            view = view[write(fd, view) :]

    def frame(kind: str, body: Any, buffers: Sequence[bytes] = ()) -> None:
        header = dumps({"kind": kind, "body": body, "sizes": [len(b) for b in buffers]}).encode()
        mac = new_mac(key, pack(">Q", number[0]) + header, sha256)
        number[0] += 1
        write_all(MAGIC + pack(">I", len(header)) + header)
        for buffer in buffers:
            mac.update(buffer)
            write_all(buffer)
        write_all(mac.digest())

    return frame


def read_frames(data: bytes, key: bytes) -> tuple[list[Frame], bool]:
    """Return the whole frames of ``data`` and whether the last one closes the stream (kind ``end``).

    A cut-off frame at the end is left out, since a killed writer leaves one.  Raises :class:`WireError` for bytes that
    are no frame, for a wrong MAC, and for anything after the end.
    """
    frames: list[Frame] = []
    at = 0
    while at < len(data):
        if frames and frames[-1].kind == END:
            raise WireError("bytes after the end of the result")
        if data[at : at + 4] != MAGIC[: len(data) - at]:
            raise WireError("the result holds bytes that the worker did not write")
        if at + 8 > len(data):
            break
        (size,) = struct.unpack(">I", data[at + 4 : at + 8])
        header = data[at + 8 : at + 8 + size]
        if len(header) < size:
            break
        try:
            fields = json.loads(header)
            kind, body, sizes = fields["kind"], fields["body"], [int(n) for n in fields["sizes"]]
        except (ValueError, KeyError, TypeError) as exc:
            raise WireError("the result holds a header that the worker did not write") from exc
        start, buffers = at + 8 + size, []
        for length in sizes:
            buffers.append(data[start : start + length])
            start += length
        mac = data[start : start + MAC_BYTES]
        if len(mac) < MAC_BYTES:
            break
        expected = hmac.new(key, struct.pack(">Q", len(frames)) + header, hashlib.sha256)
        for buffer in buffers:
            expected.update(buffer)
        if not hmac.compare_digest(mac, expected.digest()):
            raise WireError("a result that the worker did not write (its authentication code is wrong)")
        frames.append(Frame(kind, body, buffers))
        at = start + MAC_BYTES
    return frames, bool(frames) and frames[-1].kind == END
