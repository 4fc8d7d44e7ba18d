"""A real browser, once for all tests of a module."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

_FINDER = Path(__file__).resolve().parents[2] / "tools" / "browser.py"


@pytest.fixture(scope="module")  # while Playwright runs, no other test of the process can have an event loop
def browser() -> Iterator[Browser]:
    spec = importlib.util.spec_from_file_location("browser_finder", _FINDER)
    assert spec is not None and spec.loader is not None
    finder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(finder)
    path = finder.find()
    assert path, finder.ADVICE
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
