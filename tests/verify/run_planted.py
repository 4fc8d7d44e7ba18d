"""Run every planted pair and print a table: ``python -m tests.verify.run_planted [torch|mxnet|tensorflow] [words]``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from transpile_hybrid.verify import VerifyOptions, verify_files

from .planted_mxnet import PAIRS as MXNET
from .planted_tensorflow import PAIRS as TENSORFLOW
from .planted_torch import PAIRS as TORCH


def main(framework: str = "", words: str = "") -> int:
    """Run the pairs whose framework and name fit; returns the number of wrong verdicts."""
    wrong = 0
    chosen = [p for p in TORCH + MXNET + TENSORFLOW if framework in p.framework and words in p.name]
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.py"), Path(folder, "after.py")
        for pair in chosen:
            before.write_text(pair.before)
            after.write_text(pair.after)
            begun = time.perf_counter()
            options = VerifyOptions(unit=pair.unit, python=sys.executable, speed=False)
            (verdict,) = verify_files(before, after, options=options)
            right = verdict.equivalent is pair.equal
            wrong += not right
            seconds = time.perf_counter() - begun
            print(
                f"{'right' if right else 'WRONG'} {seconds:5.1f} s  {pair.id}: {verdict.state} {verdict.reason}"[:200]
            )
    print(f"{len(chosen)} pairs, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))
