"""Kill ``rewrite`` at random instants: every file must be whole, old or new, each time.

    python benchmarks/kill.py FOLDER [--instants 200] [--seed 1]

FOLDER is copied; each instant starts from the original files.  Exit code 1 when a file was broken.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = "import sys; from transpile_hybrid.cli.main import main; sys.argv[0] = 'transpile-hybrid'; main()"


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.py"))}


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", COMMAND, "rewrite", "-q", "--allow-dirty", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--instants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary) / "work"
        shutil.copytree(options.folder, work)
        (work / "pyproject.toml").write_text("")  # the cache lies in the copy
        old = files_of(work)
        begun = time.monotonic()
        start(work).wait()
        cold = time.monotonic() - begun
        new = files_of(work)
        print(f"{len(old)} files, {sum(old[n] != new[n] for n in old)} rewritten, {cold:.2f} s")
        for name, data in old.items():
            (work / name).write_bytes(data)
        begun = time.monotonic()
        start(work).wait()
        whole = time.monotonic() - begun
        broken = mixed = left = 0
        for instant in range(options.instants):
            for name, data in old.items():
                if (work / name).read_bytes() != data:
                    (work / name).write_bytes(data)
            child = start(work)
            # most instants near the end, when files are being written
            time.sleep(whole * (generator.random() if instant % 4 == 0 else generator.uniform(0.6, 1.0)))
            child.kill()
            child.wait()
            now = files_of(work)
            broken += sum(now[name] not in (old[name], new[name]) for name in old)
            done = sum(now[name] == new[name] != old[name] for name in old)
            mixed += 0 < done < sum(old[name] != new[name] for name in old)
            left += sum(1 for _ in work.rglob("*.tmp"))
        print(f"{options.instants} kills (run: {whole:.2f} s): {broken} broken files; {mixed} while writing")
        rest = sum(1 for file in work.rglob(".*.tmp"))
        print(f"temporary files left at the end: {rest}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
