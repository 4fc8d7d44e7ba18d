"""Notebooks and Markdown: every byte outside an edit stays, magics come back, names flow within a tab."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transpile_hybrid.source.document import Document, agreed, document_of
from transpile_hybrid.source.errors import SourceError
from transpile_hybrid.source.masking import Mask, mask


def notebook(sources: list[object], **dump: object) -> bytes:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    dump.setdefault("indent", 1)
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, **dump).encode()  # type: ignore[arg-type]


def edited(document: Document, old: str, new: str) -> Document:
    """Replace text in every stream and bring it back."""
    changes = [(s, s.take_apart(s.source.text.replace(old, new))) for s in document.streams()]
    return document.with_cells(agreed(document, changes))


@pytest.mark.parametrize(
    "data",
    [
        notebook([["a = 1\n", "b = 2"], "c = 3\nd = 4", [], "", ["x"]]),
        notebook([["a = 'é😀'\n", "b = 2"]], ensure_ascii=False, indent=4),
        notebook([["a = 'é😀'\n", "b = 2"]], indent=None),
        notebook([["a = 1\n", "b = 2"]], separators=(",", ":")).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + notebook([["a = 1\\n\n", "b = 2"]]),
        notebook([["a = 1\n", "b = 2"]]).replace(b"a = 1", b"\\u0061 = 1"),
        notebook(["a = 1\r\nb = 2\r\n"]),
        json.dumps(
            {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1\n"], "language": "python"}]}]}
        ).encode(),
    ],
)
def test_writing_every_cell_back_changes_nothing(data: bytes) -> None:
    document = document_of(data, "a.ipynb")
    assert document.cells and document.to_bytes() == data
    same = document.with_cells({cell.index: cell.text for cell in document.cells})
    assert same.to_bytes() == data
    assert edited(document, "no such text", "").to_bytes() == data


def test_an_edit_changes_its_line_only() -> None:
    data = notebook([["a = 'é'\n", "b = 2\n", "c = 3"], ["d = 4"]]).replace(b"c = 3", b"\\u0063 = 3")
    document = document_of(data, "a.ipynb")
    assert edited(document, "b = 2", "b = 'ü'").to_bytes() == data.replace(b"b = 2", b"b = '\\u00fc'")
    more = edited(document, "b = 2\n", "b = 2\nb = 3\n")
    assert more.to_bytes() == data.replace(b'    "b = 2\\n",\n', b'    "b = 2\\n",\n    "b = 3\\n",\n')
    assert edited(document, "d = 4", "d = 4\ne = 5").cells[1].text == "d = 4\ne = 5"


def test_cells_are_found_whatever_else_is_in_the_file() -> None:
    cell = {"outputs": [{"data": {"cells": [{"cell_type": "code", "source": "fake"}]}, "text": '"source": ["x"]'}]}
    data = {
        "cells": [
            {"source": ["a = 1"], "cell_type": "code", "metadata": {"source": "no"}, **cell},
            {"cell_type": "raw"},
        ]
    }
    document = document_of(json.dumps(data).encode(), "a.ipynb")
    assert [c.text for c in document.cells if c.text != "fake"] == ["a = 1"]


def test_another_language_is_passed_over() -> None:
    data = json.loads(notebook(["x <- 1"]))
    data["metadata"] = {"kernelspec": {"language": "R"}}
    assert document_of(json.dumps(data).encode(), "a.ipynb").cells == []


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b'{"a": 1}'])
def test_what_is_no_notebook_is_one_clear_line(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        document_of(data, "a.ipynb")
    assert str(caught.value).startswith("a.ipynb") and "\n" not in str(caught.value)


MAGICS = """%matplotlib inline
import os
!ls {x} \\
   -la
x = !pwd
y = %sql SELECT 1
if x:
    %time f()
a = (b
 % c)
t = '''
%not a magic
!nor this
'''
os.listdir?
?os
z = 1 if a else 2  # why?
m = a %b
"""


def test_magics_are_masked_by_tokens() -> None:
    masked = mask(MAGICS)
    ast.parse(masked.text)
    assert masked.undo(masked.text) == MAGICS
    assert [original for _, original in masked.originals] == [
        "%matplotlib inline", "!ls {x} \\\n   -la", "x = !pwd", "y = %sql SELECT 1", "    %time f()", "os.listdir?",
        "?os",
    ]  # fmt: skip


def test_a_cell_of_another_language_is_known() -> None:
    assert mask("%%bash\nls").kind is Mask.OTHER
    assert mask("\n# why\n%%html\n<b>").kind is Mask.OTHER
    assert mask("%%time\nx = 1").text.endswith("\nx = 1")


@given(st.text(alphabet="a=%!?\"'\\#()\n\r \t{}", max_size=40))
def test_masking_can_always_be_undone(text: str) -> None:
    masked = mask(text)
    if masked.kind is Mask.PYTHON:
        assert masked.undo(masked.text) == text


def test_a_lost_magic_is_refused() -> None:
    document = document_of(notebook([["%matplotlib inline\n", "x = 1"]]), "a.ipynb")
    with pytest.raises(SourceError, match="magic"):
        edited(document, "pass", "x")


def test_a_broken_cell_is_told_and_the_others_go_on() -> None:
    document = document_of(notebook(["x = 1", "def f(:\n", "%%bash\nls"]), "a.ipynb")
    (stream,) = document.streams()
    assert [cell.text for cell in stream.cells] == ["x = 1"]
    assert [str(problem) for problem in document.problems] == ["a.ipynb:cell 2:1:7: syntax error: invalid syntax"]


D2L = """# A chapter

```{.python .input  n=2}
#@tab mxnet
from mxnet import np
```

```{.python .input}
#@tab pytorch
import torch
%matplotlib inline
```

```{.python .input}
#@tab all
x = 1
```

```{.python .input}
%%tab pytorch, tensorflow
y = x
```

```python
plain = 1
```

```bash
ls
```

~~~ py
def half(
~~~
"""


def test_blocks_of_a_book_flow_within_their_tab() -> None:
    document = document_of(D2L.encode(), "a.md")
    streams = {stream.name: [cell.index + 1 for cell in stream.cells] for stream in document.streams()}
    assert streams == {"mxnet": [1, 3], "pytorch": [2, 3, 4], "tensorflow": [3, 4], "default": [3, 5]}
    assert document.with_cells({cell.index: cell.text for cell in document.cells}).to_bytes() == D2L.encode()


def test_a_shared_block_is_edited_only_if_all_tabs_agree() -> None:
    document = document_of(D2L.encode(), "a.md")
    assert edited(document, "x = 1", "x = 2").to_bytes() == D2L.replace("x = 1", "x = 2").encode()
    changes = []
    for stream in document.streams():
        text = stream.source.text.replace("y = x", "y = 2")
        if stream.name == "pytorch":
            text = text.replace("x = 1", "x = 2").replace("import torch", "import torch.nn")
        changes.append((stream, stream.take_apart(text)))
    assert agreed(document, changes) == {}, "what may belong to a refused edit is refused with it"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["", "  ", "\t"])
def test_markdown_keeps_indentation_and_newlines(newline: str, indent: str) -> None:
    lines = [
        "- item",
        f"{indent}```python",
        f"{indent}a = 1",
        "",
        f"{indent}if a:",
        f"{indent}    b = 2",
        f"{indent}```",
        "end",
    ]
    data = newline.join(lines).encode()
    document = document_of(data, "a.md")
    assert [cell.text.replace("\r", "") for cell in document.cells] == ["a = 1\n\nif a:\n    b = 2"]
    assert edited(document, "b = 2", "b = 3").to_bytes() == data.replace(b"b = 2", b"b = 3")


@pytest.mark.parametrize(
    "text", ["", "```python", "```python\n", "```python\nx = 1", "```python\n```\n", "````python\nx\n```\n````\n"]
)
def test_odd_fences(text: str) -> None:
    document = document_of(text.encode(), "a.md")
    document.streams()
    assert document.with_cells({cell.index: cell.text for cell in document.cells}).to_bytes() == text.encode()


def test_prompts_are_no_source() -> None:
    assert document_of(b"```python\n>>> x\n```\n", "a.md").cells == []


@given(
    st.lists(st.sampled_from(["a = 1\n", "b = 2\n", "c", "\n", "d\ne\n"]), max_size=6),
    st.text(alphabet="ab =1\n", max_size=20),
)
def test_a_list_however_it_is_cut_gives_the_text_that_was_asked_for(source: list[str], new: str) -> None:
    data = notebook([source])
    document = document_of(data, "a.ipynb")
    assert document.with_cells({0: new}).cells[0].text == new
    assert document.with_cells({0: "".join(source)}).to_bytes() == data
