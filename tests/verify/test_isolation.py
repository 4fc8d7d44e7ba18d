"""Whatever the code under test does to its process, a verdict comes back, in time, and it is not ``equal``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from transpile_hybrid.verify import VerifyError, VerifyOptions, verify_files, verify_texts
from transpile_hybrid.verify.process import environment, start

from .conftest import Run
from .planted import changed
from .planted_torch import BASE, FIRST, IMPORTED

HANG = "while True:\n    time.sleep(0.1)"


@pytest.mark.parametrize(
    "edit",
    [(IMPORTED, f"\n\n{HANG}{IMPORTED}"), (FIRST, "        while True:\n            time.sleep(0.1)\n" + FIRST)],
    ids=["at import", "in forward"],
)
def test_a_hang_is_ended_at_the_limit(run: Run, edit: tuple[str, str]) -> None:
    (verdict,) = run(BASE, changed(BASE, (edit,)), unit="Model", timeout=15.0)
    assert verdict.equivalent is False and "no end within 15 s" in verdict.reason


def test_a_side_that_is_a_little_slower_than_the_limit_allows_is_undecided(run: Run) -> None:
    def waiting(seconds: float) -> str:
        return changed(BASE, ((IMPORTED, f"\n\ntime.sleep({seconds}){IMPORTED}"),))

    (verdict,) = run(waiting(4), waiting(60), unit="Model", timeout=15.0)
    assert verdict.equivalent is None and verdict.reason.startswith("undecided: no end within 15 s")
    assert verdict.reason.endswith("s: --timeout gives more")


def test_an_original_that_fails_is_not_verified(run: Run) -> None:
    broken = changed(BASE, ((FIRST, "        raise OverflowError('no')\n"),))
    (verdict,) = run(broken, broken, unit="Model")
    assert verdict.equivalent is None
    assert verdict.reason == "not verified: the original fails: inputs: OverflowError: no"


def test_an_original_that_differs_from_itself_is_undecidable(run: Run) -> None:
    unsteady = changed(BASE, ((FIRST, FIRST + "        h = h + os.getpid() * 1e-3\n"),))
    (verdict,) = run(unsteady, unsteady, unit="Model")
    assert verdict.equivalent is None and verdict.reason.startswith("undecidable: the original differs from itself")


def test_what_draws_only_the_first_time_that_it_is_imported_is_no_difference(run: Run) -> None:
    # as TensorFlow does, and what else makes a temporary name at import: the run that finds the inputs imports twice
    once = "import random, sys\nif 'drawn' not in sys.modules:\n    sys.modules['drawn'] = random.random()"
    drawing = changed(BASE, ((IMPORTED, f"\n\n{once}{IMPORTED}"),))
    (verdict,) = run(drawing, drawing, unit="Model")
    assert verdict.equivalent is True, verdict.reason
    (verdict,) = run(drawing, changed(drawing, ((FIRST, FIRST + "        random.random()\n"),)), unit="Model")
    assert verdict.equivalent is False and verdict.reason.startswith("random numbers (call 1"), verdict.reason


def test_names_of_files_and_interpreters_are_as_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "src" / "beside.py").write_text("SIZE = 3\n")
    (tmp_path / "lib" / "far.py").write_text("SIZE = 3\n")
    text = "import torch\nfrom beside import SIZE\nimport far\n\n\nclass Net(torch.nn.Module):\n"
    (tmp_path / "src" / "net.py").write_text(text + "    def forward(self, x):\n        return x * SIZE * far.SIZE\n")
    (tmp_path / "here").symlink_to(Path(sys.executable).parent.parent)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "lib")
    options = VerifyOptions(python=f"here/bin/{Path(sys.executable).name}", speed=False, timeout=120.0)
    (verdict,) = verify_files("src/net.py", "src/net.py", options=options)
    assert verdict.equivalent is True, verdict.reason


def test_a_process_left_behind_is_ended(run: Run, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    line = "import subprocess\nP = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
    line += f"open({str(pid)!r}, 'w').write(str(P.pid))"
    run(BASE, changed(BASE, ((IMPORTED, f"\n\n{line}{IMPORTED}"),)), unit="Model")
    stat = Path(f"/proc/{pid.read_text()}/stat")
    for _ in range(100):
        if not stat.exists() or stat.read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    raise AssertionError("it still runs")


def test_a_copy_left_behind_is_ended(run: Run, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    lines = f"""
if not os.path.exists({str(pid)!r}) and os.fork() == 0:
    os.setsid()
    open({str(pid)!r}, "w").write(str(os.getpid()))
    import time
    time.sleep(600)
"""
    run(BASE, changed(BASE, ((IMPORTED, f"\n{lines}{IMPORTED}"),)), unit="Model")
    stat = Path(f"/proc/{pid.read_text()}/stat")
    assert not stat.exists() or stat.read_text().split()[2] == "Z"


def test_workers_are_forked_from_a_process_that_outlives_them_and_may_be_ended(run: Run, tmp_path: Path) -> None:
    noted = tmp_path / "parents"
    note = f"\n\nopen({str(noted)!r}, 'a').write(f'{{os.getppid()}} ')\n"
    for _ in range(2):
        run(BASE, changed(BASE, ((IMPORTED, note + IMPORTED),)), unit="Model")
    first, second = noted.read_text().split()
    assert first == second
    kill = note + "import signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
    (verdict,) = run(BASE, changed(BASE, ((IMPORTED, kill + IMPORTED),)), unit="Model")
    assert verdict.equivalent is False
    (verdict,) = run(BASE, BASE, unit="Model")
    assert verdict.equivalent is True
    run(BASE, changed(BASE, ((IMPORTED, note + IMPORTED),)), unit="Model")
    assert noted.read_text().split()[-1] != first


def test_memory_is_limited(run: Run) -> None:
    greedy = changed(
        BASE,
        ((FIRST, FIRST + "        self.hold = [bytearray(b'x' * 2**28) for _ in range(12)]\n        time.sleep(9)\n"),),
    )
    (verdict,) = run(BASE, greedy, unit="Model", memory_mb=2000)
    assert verdict.equivalent is False and "memory" in verdict.reason


def test_secrets_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_TOKEN", "s3cret")
    monkeypatch.setenv("MY_FLAG", "1")
    found = environment(VerifyOptions(allow_env=("MY_FLAG",)), "mark", "/nowhere")
    assert "MY_API_TOKEN" not in found and found["MY_FLAG"] == "1" and found["OMP_NUM_THREADS"] == "1"


def test_a_missing_framework_is_skipped(run: Run, tmp_path: Path) -> None:
    python = tmp_path / "bare"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    (verdict,) = run(BASE, BASE, unit="Model", python=str(python))
    assert verdict.equivalent is None and verdict.reason.startswith("skipped: ") and str(python) in verdict.reason


def test_errors_in_the_question(run: Run, tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match=r"before.py: has no unit 'Nothing' \(its units: Model\)"):
        run(BASE, BASE, unit="Nothing")
    with pytest.raises(VerifyError, match=r"before.py:1:\d+: syntax error"):
        run("print 'python 2'\n", BASE)
    with pytest.raises(VerifyError, match="imports none of"):
        run("class A(B):\n    pass\n", "class A(B):\n    pass\n")
    with pytest.raises(VerifyError, match="cannot be read"):
        verify_files(tmp_path / "no.py", tmp_path / "no.py")
    with pytest.raises(VerifyError, match="is no shape"):
        run(BASE, BASE, inputs=["x"])
    with pytest.raises(VerifyError, match="cannot be run"):
        run(BASE, BASE, unit="Model", python=str(tmp_path / "nothing"))


def test_a_broken_rewriting_is_different(run: Run) -> None:
    (verdict,) = run(BASE, "class Model(:\n", unit="Model")
    assert verdict.equivalent is False and "syntax error" in verdict.reason


def test_texts_run_as_the_file_they_stand_for(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    text = changed(
        BASE,
        (
            ("import os\n", "from .helper import twice\nimport os\n"),
            (FIRST, "        h = twice(torch.relu(self.fc1(x)))\n"),
        ),
    )
    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0)
    path = package / "model.py"
    assert [v.equivalent for v in verify_texts(text, text, path=path, options=options)] == [True]
    assert [v.equivalent for v in verify_texts(text, text.replace("twice(t", "(t"), path=path, options=options)] == [
        False
    ]


def test_a_worker_reads_its_job_only_from_its_descriptors(tmp_path: Path) -> None:
    worker = start(sys.executable, {"job": "judge", "sides": []}, tmp_path / "w", 1.0, VerifyOptions())
    assert worker.key.hex() not in (tmp_path / "w" / "job.json").read_text()
    worker.end("stopped")
