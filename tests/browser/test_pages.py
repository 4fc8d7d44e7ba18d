"""What a person sees of the HTML pages, measured where a browser has drawn them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from transpile_hybrid.report.html import verify_page
from transpile_hybrid.report.readiness import Cell, Row
from transpile_hybrid.report.readiness_page import readiness_page
from transpile_hybrid.verify import Speed, Verdict

# Texts too faint for their background (WCAG: less than 4.5 to 1), as [text, ratio].
FAINT = """() => {
  const numbers = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (text) => {
    const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = numbers(text).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      const alpha = numbers(colour)[3];
      if (alpha === undefined || alpha === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ["TITLE", "STYLE", "title"].includes(node.tagName)) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(node.closest("svg") ? style.fill : style.color), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push([walker.currentNode.data, ratio]);
  }
  return found;
}"""
# Drawn things that stick out of their picture, and texts of a picture that lie on each other.
MISPLACED = """() => {
  const found = [];
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom - 3 <= b.top || b.bottom - 3 <= a.top;
  for (const picture of document.querySelectorAll("svg")) {
    const frame = picture.getBoundingClientRect();
    for (const node of picture.querySelectorAll("text, rect, circle, path")) {
      const box = node.getBoundingClientRect();
      const beside = box.left < frame.left - 1 || box.right > frame.right + 1;
      if (beside || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        found.push(`outside: ${node.outerHTML}`);
    }
    const texts = [...picture.querySelectorAll("text")].map((node) => [node.textContent, node.getBoundingClientRect()]);
    texts.forEach(([one, a], i) => {
      for (const [other, b] of texts.slice(i + 1)) if (!apart(a, b)) found.push(`${one} on ${other}`);
    });
  }
  return found;
}"""
WIDTHS = {"desktop": 1300, "phone": 390}
RATIOS = [("faster", 7.13), ("faster", 5.2), ("faster", 1.3), ("same", 1.01), ("slower", 0.17)]
PAGES = {"verify": lambda: verify_page(verdicts(), auto=True), "readiness": lambda: readiness_page(rows())}


def verdicts() -> list[Verdict]:
    checks = {"outputs": "ok", "gradients": "ok", "second shape": "ok"}
    found = []
    for number, (word, ratio) in enumerate(RATIOS):
        speed = Speed(
            word, ratio, ratio * 0.97, ratio * 1.03, 1000.0, 1000.0 / ratio, 0.2, 240.0 * 9**number, 101, "same"
        )
        path = f"models/a_rather_long_folder/network_{number}.py"
        found.append(
            Verdict(f"Model{number}", "torch.script", path, path, True, "", speed, checks, "declared", 0.0, "torch",
                    versions={"torch": "2.13.0"})
        )  # fmt: skip
    reason = "outputs (call 1 of 3) differ at (0, 1): 0.25 before, -0.25 after"
    found.append(Verdict("Wrong", "tf.function", "wrong.py", "wrong.py", False, reason, framework="tensorflow"))
    found.append(Verdict("Odd", "tf.xla", "odd.py", "odd.py", None, "not verified: no inputs known"))
    return found


def rows() -> list[Row]:
    cells = {
        "torch.script": Cell("blocked", ("THT101",)),
        "torch.compile": Cell("ready"),
        "torch.export": Cell("fixable", ("THT502",)),
    }
    return [Row(f"models/net{n}.py", f"Net{n}", "torch", cells) for n in range(3)]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def seen(browser: Browser, scheme: Any) -> Iterator[Page]:
    page = browser.new_page(color_scheme=scheme)
    yield page
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_readable(seen: Page, name: str, width: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGES[name](), encoding="utf-8")
    asked: list[str] = []
    seen.on("request", lambda request: asked.append(request.url))
    seen.on("console", lambda message: pytest.fail(message.text))
    seen.set_viewport_size({"width": WIDTHS[width], "height": 900})
    address = (tmp_path / "page.html").as_uri()
    seen.goto(address)
    assert asked == [address]  # nothing from elsewhere
    assert seen.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    assert seen.evaluate(FAINT) == []
    assert seen.evaluate(MISPLACED) == []


def test_what_a_person_sees_first(seen: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(verify_page(verdicts()), encoding="utf-8")
    seen.set_viewport_size({"width": 1300, "height": 900})
    seen.goto((tmp_path / "page.html").as_uri())
    assert seen.locator("h1").inner_text() == "1 of 7 differs"
    assert "-0.25 after" in seen.locator("h2 + ul li").first.inner_text()
    cards = seen.locator(".counts div").all_inner_texts()
    assert [text.split("\n") for text in cards] == [
        ["5", "proved equal"], ["1", "different"], ["1", "not verified"], ["3", "proved faster"],
        ["1.5x", "geometric mean of 5"],
    ]  # fmt: skip
    bottom = seen.locator(".counts").bounding_box()
    assert bottom is not None and bottom["y"] + bottom["height"] < 450  # without scrolling
    bars, times, pays = (seen.locator("svg").nth(number) for number in range(3))
    one = bars.locator("path[stroke-dasharray]").bounding_box()
    assert one is not None
    lengths = []
    for group, (word, ratio) in zip(bars.locator("g").all(), RATIOS, strict=True):
        box = group.locator("rect").bounding_box()
        tip = group.locator("title").text_content() or ""
        assert box is not None and f"{ratio:.2f}x" in tip and word in tip
        beyond = box["x"] + box["width"] / 2 - one["x"]
        assert (beyond > 0) == (ratio > 1)
        lengths.append(box["width"])
    assert lengths[:4] == sorted(lengths[:4], reverse=True) and lengths[4] > lengths[2]
    assert times.locator("circle").count() == 10 and pays.locator("circle").count() == 3
    hidden = "[...document.querySelectorAll('.wrap')].filter(box => box.scrollWidth > box.clientWidth).length"
    assert seen.evaluate(hidden) == 0  # all columns without scrolling
    details = seen.locator("details").first
    assert not details.locator("li").first.is_visible()
    details.locator("summary").click()
    assert details.locator("li").first.is_visible()


def test_long_names_have_room(seen: Page, tmp_path: Path) -> None:
    path = "somewhere/else/in/a/folder/with_quite_a_name/and_a_file_that_has_a_long_one_too.py"
    speed = Speed("faster", 1234.5, 1200.0, 1300.0, 1e6, 810.0, 30.0, 31.0, 101, "same")
    found = [Verdict(f"AnExtremelyLongClassName{n}", "torch.script", path, path, True, "", speed) for n in range(3)]
    (tmp_path / "page.html").write_text(verify_page(found, auto=True), encoding="utf-8")
    seen.set_viewport_size({"width": 390, "height": 900})
    seen.goto((tmp_path / "page.html").as_uri())
    assert seen.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.evaluate(MISPLACED) == []
