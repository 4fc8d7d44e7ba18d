"""Print the path of a Chromium for the tests that look at pages; ``--install`` gets one where there is none.

In this order: ``$CHROMIUM``; a Chromium or Chrome on the PATH; Debian's package, where this may install packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "the tests that look at pages need a Chromium: install one, or let $CHROMIUM name it"


def find() -> str | None:
    """Return the path of a browser, ``None`` where there is none."""
    return next((found for name in (os.environ.get("CHROMIUM", ""), *_NAMES) if (found := shutil.which(name))), None)


def install() -> None:
    """Install Debian's package.  Raises ``SystemExit`` where that can't be done."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise SystemExit(ADVICE)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        subprocess.run([apt, *words], env=environment, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    if "--install" in sys.argv and find() is None:
        install()
    print(find() or ADVICE)


if __name__ == "__main__":
    main()
