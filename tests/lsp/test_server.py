"""The real server over standard input and output, as six editors introduce themselves."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from . import profiles

COMMAND = [sys.executable, "-m", "transpile_hybrid", "server"]
PROFILES = ["visual_studio_code", "neovim", "emacs", *profiles.OTHERS]
CODECS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}
NET = '''import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, scale=2.0):
        """\U0001f600"""
        s, size = "\U0001f600\U0001f600", x.size()[:-1] + (4, 1)
        return self.fc(x).view(*size) + self._more(x)

    def _more(self, x):
        size = x.size()[:-1] + (2, 2)
        return x.view(*size).sum()


class Other(nn.Module):
    def forward(self, x, state=None):
        print(x.mean())
        return x
'''


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND))
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams) -> None:
        assert [one.method for one in params.registrations] == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]

    yield
    await lsp_client.shutdown_session()


class Editor:
    """A client with one folder open."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client, self.root = client, root
        self.texts: dict[str, tuple[int, str]] = {}

    async def start(
        self, capabilities: types.ClientCapabilities | None = None, **options: Any
    ) -> types.InitializeResult:
        result = await self.client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities or types.ClientCapabilities(),
                workspace_folders=[types.WorkspaceFolder(self.root.as_uri(), "root")],
                root_uri=self.root.as_uri(),
                initialization_options={"debounce": 0, **options},
            )
        )
        self.codec, self.unit = CODECS[result.capabilities.position_encoding or types.PositionEncodingKind.Utf16]
        return result

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    async def open(self, name: str, text: str) -> list[types.Diagnostic]:
        uri = self.uri(name)
        self.texts[uri] = (1, text)
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, types.LanguageKind.Python, 1, text))
        )
        return await self.diagnostics(uri, 1)

    async def edit(self, name: str, old: str, new: str) -> list[types.Diagnostic]:
        """Replace the first ``old``, as one incremental change."""
        uri = self.uri(name)
        version, text = self.texts[uri]
        at = text.index(old)

        def place(offset: int) -> types.Position:
            line = text.count("\n", 0, offset)
            start = text.rfind("\n", 0, offset) + 1
            return types.Position(line, len(text[start:offset].encode(self.codec)) // self.unit)

        change = types.TextDocumentContentChangePartial(types.Range(place(at), place(at + len(old))), new)
        self.texts[uri] = (version + 1, text[:at] + new + text[at + len(old) :])
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version + 1, uri), [change])
        )
        return await self.diagnostics(uri, version + 1)

    async def diagnostics(self, uri: str, version: int) -> list[types.Diagnostic]:
        text = self.client.capabilities.text_document
        if text is not None and text.diagnostic is not None:
            return await self.pull(uri)
        while True:
            got = await asyncio.wait_for(self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 20)
            if got.uri == uri and (got.version is None or got.version >= version):
                return list(got.diagnostics)

    async def once(self, uri: str, condition: Callable[[list[types.Diagnostic]], bool]) -> list[types.Diagnostic]:
        """Wait until what the client was told of a document satisfies ``condition``, and return it."""
        found: list[types.Diagnostic] = []
        for _ in range(600):
            if uri in self.client.diagnostics:
                found = list(self.client.diagnostics[uri])
                if condition(found):
                    return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{uri}: {told(found)}")

    async def until(self, name: str, wanted: list[tuple[Any, ...]]) -> None:
        """Wait until the client has been told just ``wanted`` of a file."""
        await self.once(self.uri(name), lambda found: told(found) == wanted)

    async def pull(self, uri: str) -> list[types.Diagnostic]:
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        report = await asyncio.wait_for(self.client.text_document_diagnostic_async(params), 20)
        return list(report.items)

    async def actions(self, name: str, range: types.Range, **more: Any) -> list[types.CodeAction]:
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(self.uri(name)), range, types.CodeActionContext([], **more)
            )
        )
        return [one for one in found or [] if isinstance(one, types.CodeAction)]

    def applied(self, edit: types.WorkspaceEdit, name: str) -> str:
        """Return the text of a file after an edit."""
        if edit.document_changes:
            edits = [e for change in edit.document_changes for e in change.edits]
        else:
            edits = list((edit.changes or {})[self.uri(name)])
        text = self.texts[self.uri(name)][1]
        lines = text.splitlines(keepends=True)

        def offset(place: types.Position) -> int:
            if place.line >= len(lines):
                return len(text)
            units = lines[place.line].encode(self.codec)[: self.unit * place.character]
            return sum(map(len, lines[: place.line])) + len(units.decode(self.codec))

        for one in sorted(edits, key=lambda e: offset(e.range.start), reverse=True):
            text = text[: offset(one.range.start)] + one.new_text + text[offset(one.range.end) :]
        return text


@pytest.fixture
def editor(client: LanguageClient, tmp_path: Path) -> Editor:
    (tmp_path / ".git").mkdir()
    return Editor(client, tmp_path)


def checked(path: Path) -> list[tuple[Any, ...]]:
    """Return (line, column, code) of what the command finds in a folder's file, on its disk."""
    ran = subprocess.run(
        [sys.executable, "-m", "transpile_hybrid", "check", "--output-format", "json", "--no-cache", "."],
        cwd=path.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    data = json.loads(ran.stdout)
    found = data["diagnostics"] if isinstance(data, dict) and "diagnostics" in data else data["findings"]
    return sorted((d["line"], d["code"]) for d in found if Path(d["path"]).name == path.name)


def introduced(profile: str) -> types.ClientCapabilities:
    return profiles.capabilities(profile) if profile in profiles.OTHERS else client_capabilities(profile)


def told(diagnostics: list[types.Diagnostic]) -> list[tuple[Any, ...]]:
    return sorted((d.range.start.line + 1, d.code) for d in diagnostics)


def whole(text: str) -> types.Range:
    return types.Range(types.Position(0, 0), types.Position(text.count("\n"), 0))


@pytest.mark.asyncio
@pytest.mark.parametrize("profile", PROFILES)
async def test_findings_are_those_of_check(editor: Editor, profile: str) -> None:
    await editor.start(introduced(profile))
    (editor.root / "net.py").write_text(NET)
    got = await editor.open("net.py", NET)
    assert told(got) == checked(editor.root / "net.py") != []
    assert all(d.source == "transpile-hybrid" and d.code_description and d.severity for d in got)
    page = got[0].code_description.href.removeprefix("file://")
    assert Path(page).read_text().startswith(f"### {got[0].code}")


@pytest.mark.asyncio
@pytest.mark.parametrize("profile", PROFILES)
async def test_every_editor_can_fix_what_it_is_shown(editor: Editor, profile: str) -> None:
    await editor.start(introduced(profile))
    got = await editor.open("net.py", NET)
    found = next(d for d in got if d.code == "THT506" and "(2, 2)" in NET.splitlines()[d.range.start.line])
    quick = next(a for a in await editor.actions("net.py", found.range) if a.kind == "quickfix" and a.is_preferred)
    if quick.edit is None:
        quick = await editor.client.code_action_resolve_async(quick)
    assert "list(x.size()[:-1])" in editor.applied(quick.edit, "net.py")
    (fix_all,) = await editor.actions("net.py", whole(NET), only=[types.CodeActionKind.SourceFixAll])
    if fix_all.edit is None:
        fix_all = await editor.client.code_action_resolve_async(fix_all)
    path = editor.root / "net.py"
    path.write_text(NET)
    subprocess.run([*COMMAND[:-1], "rewrite", "-q", "."], cwd=editor.root, check=False, capture_output=True)
    assert editor.applied(fix_all.edit, "net.py") == path.read_text() != NET


@pytest.mark.asyncio
async def test_an_edit_is_judged_and_half_typed_code_keeps_the_rest(editor: Editor) -> None:
    await editor.start()
    before = await editor.open("net.py", NET)
    broken = await editor.edit("net.py", "print(x.mean())", "print(x.mean(")
    assert "syntax-error" in {d.code for d in broken}
    end = NET.splitlines().index("class Other(nn.Module):")
    first = [row for row in told(before) if row[0] <= end]
    assert first and [row for row in told(broken) if row[0] <= end] == first
    mended = await editor.edit("net.py", "print(x.mean(", "pass")
    assert [row for row in told(mended) if row[0] <= end] == first
    (editor.root / "net.py").write_text(editor.texts[editor.uri("net.py")][1])
    assert told(mended) == checked(editor.root / "net.py")


@pytest.mark.asyncio
@pytest.mark.parametrize("encoding", [types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16])
async def test_columns_are_counted_as_agreed(editor: Editor, encoding: types.PositionEncodingKind) -> None:
    general = types.GeneralClientCapabilities(position_encodings=[encoding])
    result = await editor.start(types.ClientCapabilities(general=general))
    assert result.capabilities.position_encoding == encoding
    got = await editor.open("net.py", NET.replace("\n", "\r\n"))
    line, text = next((i, t) for i, t in enumerate(NET.splitlines()) if "s, size" in t)
    found = next(d for d in got if d.range.start.line == line)
    name, size = CODECS[encoding]
    raw = text.encode(name)
    marked = raw[found.range.start.character * size : found.range.end.character * size]
    assert marked.decode(name) == "x.size()[:-1] + (4, 1)"


@pytest.mark.asyncio
async def test_quick_fixes_fix_all_convert_and_ignore(editor: Editor) -> None:
    await editor.start()
    diagnostics = await editor.open("net.py", NET)
    fixable = next(d for d in diagnostics if d.code == "THT506" and "(2, 2)" in NET.splitlines()[d.range.start.line])
    actions = await editor.actions("net.py", fixable.range)
    quick = next(a for a in actions if a.kind == "quickfix" and a.title.startswith("THT506") and a.is_preferred)
    assert "list(x.size()[:-1])" in editor.applied(quick.edit, "net.py")
    ignore = next(a for a in actions if a.title == "THT506: ignore here")
    text = editor.applied(ignore.edit, "net.py")
    assert "(2, 2)  # hybrid: ignore[THT506]" in text
    convert = next(a for a in actions if a.kind.startswith("refactor.rewrite"))
    assert convert.title.startswith("Convert `Net`")
    assert editor.applied(convert.edit, "net.py").split("class Other")[1] == NET.split("class Other")[1]
    (fix_all,) = await editor.actions("net.py", whole(NET), only=[types.CodeActionKind.SourceFixAll])
    path = editor.root / "net.py"
    path.write_text(NET)
    subprocess.run([*COMMAND[:-1], "rewrite", "-q", "."], cwd=editor.root, check=False, capture_output=True)
    assert editor.applied(fix_all.edit, "net.py") == path.read_text() != NET
    unsafe = await editor.actions("net.py", whole(NET), only=["source.transpile-hybrid.fixAllUnsafe"])
    assert all(a.kind == "source.transpile-hybrid.fixAllUnsafe" for a in unsafe)


@pytest.mark.asyncio
async def test_actions_are_resolved_when_the_client_can(editor: Editor) -> None:
    support = types.ClientCodeActionResolveOptions(properties=["edit"])
    text = types.TextDocumentClientCapabilities(code_action=types.CodeActionClientCapabilities(resolve_support=support))
    await editor.start(types.ClientCapabilities(text_document=text))
    await editor.open("net.py", NET)
    (action,) = await editor.actions("net.py", whole(NET), only=["source.fixAll.transpile-hybrid"])
    assert action.edit is None
    done = await editor.client.code_action_resolve_async(action)
    assert "list(x.size()[:-1])" in editor.applied(done.edit, "net.py")


@pytest.mark.asyncio
async def test_hover_tells_the_rule_and_the_readiness(editor: Editor) -> None:
    await editor.start()
    text = NET + "\n\nx = 1  # hybrid: ignore[THT101]\n"
    diagnostics = await editor.open("net.py", text)

    async def hover(line: int, character: int) -> str:
        params = types.HoverParams(types.TextDocumentIdentifier(editor.uri("net.py")), types.Position(line, character))
        found = await editor.client.text_document_hover_async(params)
        return found.contents.value if found is not None else ""

    place = next(d for d in diagnostics if d.code == "THT506").range.start
    assert "### THT506" in await hover(place.line, place.character)
    name = NET.splitlines().index("class Net(nn.Module):")
    assert "| torch.script |" in await hover(name, 7)
    last = text.count("\n") - 1
    assert "### THT101" in await hover(last, text.splitlines()[last].index("THT101") + 2)
    assert await hover(2, 0) == ""


@pytest.mark.asyncio
async def test_lenses_and_verification(editor: Editor) -> None:
    window = types.WindowClientCapabilities(work_done_progress=True)
    await editor.start(types.ClientCapabilities(window=window))
    mlp = (Path(__file__).resolve().parents[2] / "fixtures/torch/before/hybrid_net.py").read_text()
    await editor.open("mlp.py", mlp)
    params = types.CodeLensParams(types.TextDocumentIdentifier(editor.uri("mlp.py")))
    lenses = await editor.client.text_document_code_lens_async(params)
    titles = [lens.command.title for lens in lenses]
    assert any(title.startswith("torch.script: ") for title in titles) and "verify" in titles
    command = next(lens.command for lens in lenses if lens.command.title == "verify")
    answer = await asyncio.wait_for(
        editor.client.workspace_execute_command_async(types.ExecuteCommandParams(command.command, command.arguments)),
        300,
    )
    assert answer.startswith("torch.script: equal")
    reports = [report for token in editor.client.progress_reports.values() for report in token]
    kinds = [one.kind for one in reports]
    assert kinds[0] == "begin" and kinds[-1] == "end"
    again = await editor.client.text_document_code_lens_async(params)
    assert answer in [lens.command.title for lens in again]


STUCK = """import time

import torch


class Net(torch.nn.Module):
    def forward(self, x):
        while True:
            time.sleep(1)
            x = x + 1


def example_inputs():
    return torch.ones(2, 3)
"""


@pytest.mark.asyncio
async def test_a_verification_is_cancelled(editor: Editor) -> None:
    window = types.WindowClientCapabilities(work_done_progress=True)
    await editor.start(types.ClientCapabilities(window=window))
    await editor.open("stuck.py", STUCK)
    command = types.ExecuteCommandParams("transpile-hybrid.verify", [editor.uri("stuck.py"), "Net"])
    answer = asyncio.ensure_future(editor.client.workspace_execute_command_async(command))
    while not any(one.kind == "report" for some in editor.client.progress_reports.values() for one in some):
        await asyncio.sleep(0.05)
    (token,) = editor.client.progress_reports
    editor.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    begun = time.monotonic()
    assert await asyncio.wait_for(answer, 100) == "stopped"
    assert time.monotonic() - begun < 20  # a worker's time limit is a minute


@pytest.mark.asyncio
async def test_another_file_and_the_settings_count(editor: Editor) -> None:
    await editor.start()
    base = "from torch import nn\n\n\nclass Base(nn.Module):\n    pass\n"
    (editor.root / "base.py").write_text(base)
    user = "from base import Base\n\n\nclass Net(Base):\n    def forward(self, x, scale=2.0):\n        return x.sum()\n"
    (editor.root / "user.py").write_text(user)
    got = await editor.open("user.py", user)
    assert told(got) == checked(editor.root / "user.py") != []
    await editor.open("base.py", base)
    await editor.edit("base.py", "class Base(nn.Module)", "class Base(object)")
    await editor.until("user.py", [])  # no unit of a framework any more, though neither file was written
    await editor.edit("base.py", "class Base(object)", "class Base(nn.Module)")
    await editor.until("user.py", told(got))
    (editor.root / ".transpile-hybrid.toml").write_text('ignore = ["THT502"]\n')
    event = types.FileEvent(editor.uri(".transpile-hybrid.toml"), types.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    await editor.until("user.py", [])
    assert checked(editor.root / "user.py") == []


@pytest.mark.asyncio
async def test_pulled_diagnostics(editor: Editor) -> None:
    text = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    await editor.start(types.ClientCapabilities(text_document=text))
    uri = editor.uri("net.py")
    editor.client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, types.LanguageKind.Python, 1, NET))
    )
    identifier = types.TextDocumentIdentifier(uri)
    report = await editor.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(identifier))
    (editor.root / "net.py").write_text(NET)
    assert told(list(report.items)) == checked(editor.root / "net.py")
    again = await editor.client.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(identifier, previous_result_id=report.result_id)
    )
    assert again.kind == "unchanged"


@pytest.mark.asyncio
async def test_notebooks(editor: Editor) -> None:
    capability = types.NotebookDocumentClientCapabilities(types.NotebookDocumentSyncClientCapabilities())
    result = await editor.start(types.ClientCapabilities(notebook_document=capability))
    assert result.capabilities.notebook_document_sync is not None
    uri = editor.uri("a.ipynb")
    texts = ["import torch\nfrom torch import nn\n%matplotlib inline", NET.split("\n\n\n", 1)[1].split("\n\n\n")[0]]
    cells = [types.NotebookCell(types.NotebookCellKind.Code, f"{uri}#{i}") for i in range(2)]
    items = [types.TextDocumentItem(f"{uri}#{i}", types.LanguageKind.Python, 1, t) for i, t in enumerate(texts)]
    notebook = types.NotebookDocument(uri, "jupyter-notebook", 1, cells)
    editor.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, items))
    cell = await editor.once(f"{uri}#1", lambda found: found != [])
    found = {d.code: d for d in cell}
    assert "THT502" in found and "THT506" in found
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(f"{uri}#1"), found["THT506"].range, types.CodeActionContext([])
    )
    titles = [a.title for a in await editor.client.text_document_code_action_async(params)]
    assert any(title.startswith("THT506") for title in titles)
    change = types.TextDocumentContentChangeWholeDocument("x = 1")
    content = types.NotebookDocumentCellContentChanges(types.VersionedTextDocumentIdentifier(2, f"{uri}#0"), [change])
    event = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[content]))
    editor.client.notebook_document_did_change(
        types.DidChangeNotebookDocumentParams(types.VersionedNotebookDocumentIdentifier(2, uri), event)
    )
    assert await editor.once(f"{uri}#1", lambda found: found == []) == []


@pytest.mark.asyncio
async def test_excluded_files_are_left_alone(editor: Editor) -> None:
    (editor.root / ".transpile-hybrid.toml").write_text('exclude = ["old/"]\n')
    (editor.root / "old").mkdir()
    (editor.root / "old" / "net.py").write_text(NET)
    await editor.start()
    assert await editor.open("old/net.py", NET) == []
    assert await editor.open("net.py", NET) != []


def test_checking_never_loads_the_server() -> None:
    code = (
        "import sys; from transpile_hybrid.cli.main import main; sys.argv = ['transpile-hybrid', 'check', '.', '-q']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith(('pygls', 'lsprotocol', 'transpile_hybrid.lsp'))])"
    )
    here = Path(__file__).parent
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=here)
    assert ran.stdout.strip().endswith("[]")
