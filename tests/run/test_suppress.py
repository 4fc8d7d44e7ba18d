"""``# hybrid: ignore``: what it covers, when it is called useless, how it is taken away and added."""

from __future__ import annotations

import pytest

from transpile_hybrid.api import Config, check, rewrite
from transpile_hybrid.run.add_ignores import with_ignores
from transpile_hybrid.source.source import Source

HEAD = "import torch\nfrom torch import nn\n\n\n"
CLASS = "class A(nn.Module):{a}\n    def forward(self, x, s=2.0):{b}\n        return x * s\n"


def codes(text: str, targets: tuple[str, ...] = ("all",), config: Config | None = None) -> list[str]:
    (report,) = check([Source("a.py", text)], targets, config=config)
    assert not report.error, report.internal
    return [diagnostic.code for diagnostic in report.diagnostics]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("", "  # hybrid: ignore[THT502]"),
        ("", "  # hybrid: ignore"),
        ("", "  # hybrid: Ignore[tht502, ]"),
        ("", "  # noqa # hybrid: ignore[THT502] # more"),
        ("  # hybrid: ignore[THT502]", ""),
    ],
)
def test_a_comment_covers_its_line_or_its_block(a: str, b: str) -> None:
    assert codes(HEAD + CLASS.format(a="", b="")) == ["THT502"]
    assert codes(HEAD + CLASS.format(a=a, b=b)) == []


def test_a_comment_covers_its_file() -> None:
    assert codes("# hybrid: ignore-file[THT502]\n" + HEAD + CLASS.format(a="", b="")) == []
    assert codes(HEAD + CLASS.format(a="", b="") + "# hybrid: ignore-file\n") == []


def test_text_in_a_string_is_no_comment() -> None:
    text = HEAD + 'T = """\n# hybrid: ignore-file\n"""\n' + CLASS.format(a="", b="")
    assert codes(text) == ["THT502"]


def test_a_comment_on_any_line_of_a_statement_counts() -> None:
    body = "class A(nn.Module):\n    def forward(\n        self,\n        x,\n        s=2.0,{}\n    ):\n"
    body += "        return x * s\n"
    assert codes(HEAD + body.format("")) == ["THT502"]
    assert codes(HEAD + body.format("  # hybrid: ignore[THT502]")) == []


def test_other_codes_are_still_told_and_the_useless_one_is_too() -> None:
    text = HEAD + CLASS.format(a="", b="  # hybrid: ignore[THT101]")
    assert codes(text) == ["THT502", "THC901"]
    (report,) = rewrite([Source("a.py", text)], ("all",), config=Config(ignore=("THT502",)))
    assert report.result is not None
    assert report.result.after.text == HEAD + CLASS.format(a="", b="")


def test_what_was_not_judged_is_not_called_useless() -> None:
    text = HEAD + CLASS.format(a="", b="  # hybrid: ignore[THT101, THT502]")
    assert codes(text, ("torch.script",)) == []  # THT101 is about other targets too
    assert codes(text) == ["THC901"]


def test_half_useless_comments_keep_the_other_half() -> None:
    text = HEAD + CLASS.format(a="", b="  # hybrid: ignore[THT101, THT502, THX999]  # why")
    (report,) = rewrite([Source("a.py", text)], ("all",))
    assert report.result is not None
    assert report.result.after.text == HEAD + CLASS.format(a="", b="  # hybrid: ignore[THT502]  # why")


def test_a_suppressed_finding_is_not_rewritten() -> None:
    text = HEAD + CLASS.format(a="", b="  # hybrid: ignore[THT502]")
    (report,) = rewrite([Source("a.py", text)], ("torch.script",))
    assert not report.changed and report.result is not None and report.result.remaining == []


def test_a_comment_about_what_rewriting_brings_up_is_kept() -> None:
    text = (
        "from mxnet import nd\nfrom mxnet.gluon import nn\n\n\nclass A(nn.Block):\n    def forward(self, x):\n"
        "        return x + 1\n\n\nnet = A()\nnet.initialize()  # hybrid: ignore[THM604]\n"
    )
    assert "THC901" not in codes(text)
    (report,) = rewrite([Source("a.py", text)])
    assert report.result is not None and "HybridBlock" in report.result.after.text
    assert "ignore[THM604]" in report.result.after.text and "hybridize" not in report.result.after.text


def test_a_useless_comment_on_its_own_line_goes_with_its_line() -> None:
    text = "# hybrid: ignore-file[THT101]\n" + HEAD + "x = 1\n"
    (report,) = rewrite([Source("a.py", text)], ("all",))
    assert report.result is not None and report.result.after.text == HEAD + "x = 1\n"


def test_added_comments_suppress_what_they_were_added_for() -> None:
    text = HEAD + CLASS.format(a="", b="") + "\n\n" + CLASS.format(a="", b="  # why").replace("class A", "class B")
    (report,) = check([Source("a.py", text)], ("torch.script",))
    places = [(report.source.position(d.span.start)[0], d.code) for d in report.diagnostics]
    new, number = with_ignores(report.source, places)
    assert number == 2 and codes(new.text, ("torch.script",)) == []
    assert with_ignores(new, places[:1])[0].text == new.text, "a code that is there already is not added again"


def test_a_comment_is_not_added_where_none_can_stand() -> None:
    source = Source("a.py", 'x = f("""\n a""", \\\n  b)\ny = 1')
    new, _ = with_ignores(source, [(1, "THT101"), (4, "THT102")])
    assert new.text == 'x = f("""\n a""", \\\n  b)  # hybrid: ignore[THT101]\ny = 1  # hybrid: ignore[THT102]'


def test_select_ignore_and_per_file_ignores() -> None:
    text = HEAD + CLASS.format(a="", b="")
    assert codes(text, config=Config(select=("THT1",))) == []
    assert codes(text, config=Config(select=("THT1",), extend_select=("THT502",))) == ["THT502"]
    assert codes(text, config=Config(ignore=("THT5",))) == []
    assert codes(text, config=Config(ignore=("THT5",), extend_select=("THT502",))) == ["THT502"]
    assert codes(text, config=Config(per_file_ignores=(("*.py", ("THT5",)),))) == []
    assert codes(text, config=Config(per_file_ignores=(("tests/*.py", ("ALL",)),))) == ["THT502"]
