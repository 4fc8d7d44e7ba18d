"""Long work shows what it is at, also where there is no terminal."""

from __future__ import annotations

import time

import pytest

from transpile_hybrid.cli import progress


def test_what_takes_long_is_shown_although_nothing_else_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.02)
    monkeypatch.setattr(progress, "_QUIET_SECONDS", 0.1)
    monkeypatch.setattr(progress, "_LONG_SECONDS", 0.3)
    with progress.Progress("verifying", 2) as shown:
        shown.say("Net: running both sides")
        shown.say("Net: compiling")
        until, text = time.monotonic() + 60.0, ""
        while text.count("Net: compiling\n") < 2 and time.monotonic() < until:
            time.sleep(0.02)
            text += capsys.readouterr().err
    assert text.count("verifying [0/2] Net: compiling\n") >= 2


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.Progress("checking", 2) as shown:
        shown.step("a.py")
        shown.step("b.py")
    assert not capsys.readouterr().err
