"""Try the playground in a headless Chromium as a person would: read, type, choose a target; exit 1 if it fails.

    python docs/playground/check.py [SCREENSHOT.png]

Needs npm, the package playwright, and a Chromium (``$CHROMIUM``, or one on the PATH).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools"))
from browser import ADVICE, find  # noqa: E402

_TYPED = """
class Gate(nn.Module):
    def forward(self, x):
        return torch.from_numpy(x.numpy())
"""


def person(page: Page) -> None:
    """Do what a person does, and expect what a person would."""
    left, right = page.locator("#left .cm-content"), page.locator("#right .cm-content")
    findings = page.locator("#findings li")
    expect(findings).to_have_count(3)  # those of the text that the page begins with
    expect(right).to_contain_text("mask: Optional[torch.Tensor] = None")
    left.click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(_TYPED)
    page.keyboard.press("Control+Home")
    page.locator("#target").select_option("torch.compile")
    expect(findings.filter(has_text="THT101")).to_have_count(1)
    expect(page.locator("#left .cm-lintRange-warning")).not_to_have_count(0)
    findings.filter(has_text="THT101").click()
    page.locator("#target").select_option("torch.script")
    expect(findings.filter(has_text="THT502")).to_have_count(1)
    expect(right).to_contain_text("mask: Optional[torch.Tensor] = None")


def main() -> None:
    path = find()
    if path is None:
        raise SystemExit(ADVICE)
    run = [sys.executable, str(HERE / "run.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as served, sync_playwright() as driver:
        assert served.stdout is not None
        address = next((line.strip() for line in served.stdout if line.startswith("http")), "")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            expect.set_options(timeout=30_000)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(address)
            person(page)
            if len(sys.argv) > 1:
                page.screenshot(path=sys.argv[1])
            assert not errors, errors
        finally:
            browser.close()
            served.terminate()
    print("the playground works")


if __name__ == "__main__":
    main()
