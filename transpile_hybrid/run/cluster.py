"""Executors on other machines, by their address."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any


class ClusterError(Exception):
    """An address of an executor that can't be used."""


def connect(address: str) -> tuple[Executor, Callable[[], None]]:
    """Return an executor for ``dask://HOST:PORT``, and what closes it.  Raises :class:`ClusterError`."""
    kind, separator, place = address.partition("://")
    if kind != "dask" or not separator or not place:
        raise ClusterError(f"--executor {address}: dask://HOST:PORT is needed")
    try:
        from distributed import Client
    except ImportError as exc:
        raise ClusterError("--executor dask://...: needs `pip install 'transpile-hybrid[dask]'`") from exc
    try:
        client: Any = Client(f"tcp://{place}", timeout=20)
    except (OSError, ValueError, TimeoutError) as exc:
        raise ClusterError(f"--executor {address}: no scheduler answers there") from exc
    executor: Executor = client.get_executor(pure=False)
    return executor, client.close
