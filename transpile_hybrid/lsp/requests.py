"""Requests: pulled diagnostics, code actions, hover, code lenses, commands."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import CancelledError
from functools import partial
from typing import Any

from lsprotocol import types

from ..verify.options import Stopped
from . import actions, hover, lens, rewriting
from .buffer import Position
from .documents import NotebookDocument, PythonDocument, Range, Shown, client_range
from .scheduler import Job
from .server import VERIFY, Server

_FIX_ALL = "transpile-hybrid.fixAll"
_REWRITTEN = "transpile-hybrid.rewritten"  # the text that `rewrite` would make, for showing it beside the original


def register(server: Server) -> None:
    """Register what clients ask."""

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier="transpile-hybrid"
        ),
    )
    async def diagnostic(ls: Server, params: types.DocumentDiagnosticParams) -> Any:
        uri = params.text_document.uri
        rows, version = await _rows(ls, uri)
        if params.previous_result_id is not None and params.previous_result_id == version:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=version)
        items = ls.protocol._converter.structure(rows, list[types.Diagnostic])
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=version)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=list(actions.KINDS), resolve_provider=True),
    )
    async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        return await _code_actions(ls, params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(ls: Server, action: types.CodeAction) -> types.CodeAction:
        data = action.data if isinstance(action.data, dict) else {}
        if action.edit is None and "do" in data:
            edit = await _rewriting(ls, data)
            action.edit = _edit(ls, edit) if edit else types.WorkspaceEdit()
        return action

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def on_hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
        return await _hover(ls, params.text_document.uri, params.position)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def code_lens(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri

        def work(document: PythonDocument) -> list[lens.Lens]:
            verdicts = {unit: text for (u, unit), text in ls.verdicts.items() if u == uri}
            return lens.lenses(document, ls.session.workspace.config(document.path).targets, verdicts)

        return [_lens(uri, one) for one in await ls.ask_document(uri, work) or []]

    @server.command(VERIFY)
    async def verify(ls: Server, uri: str, unit: str) -> str | None:
        return await _verify(ls, uri, unit)

    @server.command(_FIX_ALL)
    async def fix_all(ls: Server, uri: str) -> None:
        edit = await _rewriting(ls, {"do": "all", "uri": uri, "unsafe": False})
        if edit:
            params = types.ApplyWorkspaceEditParams(edit=_edit(ls, edit), label="transpile-hybrid: fix all")
            await ls.workspace_apply_edit_async(params)

    @server.command(_REWRITTEN)
    async def rewritten(ls: Server, uri: str, unsafe: bool) -> str | None:
        def work(document: PythonDocument) -> str:
            config = ls.session.workspace.config(document.path)
            return rewriting.side_by_side(document.source(), config, unsafe)

        return await ls.ask_document(uri, work)


async def _rows(ls: Server, uri: str) -> tuple[list[dict[str, Any]], str]:
    notebook = ls.session.notebooks.get(ls.session.cells.get(uri, ""))
    if notebook is not None:
        return await ls.ask(partial(_cell_rows, ls, notebook, uri))

    def work(document: PythonDocument) -> tuple[list[dict[str, Any]], str]:
        return document.diagnostics(ls.session.template), f"{document.judged}.{document.result_id}"

    return await ls.ask_document(uri, work) or ([], "")


def _cell_rows(ls: Server, notebook: NotebookDocument, uri: str, job: Job) -> tuple[list[dict[str, Any]], str]:
    ls.session.judge_notebook(notebook, job)
    return notebook.diagnostics(ls.session.template).get(uri, []), str(notebook.result_id)


def _edit(ls: Server, edit: dict[str, Any]) -> types.WorkspaceEdit:
    workspace = ls.client_capabilities.workspace
    versions = workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes
    raw = edit if versions else actions.plain_edit(edit)
    made: types.WorkspaceEdit = ls.protocol._converter.structure(raw, types.WorkspaceEdit)
    return made


def _lazy(ls: Server) -> bool:
    """Whether the client asks for the edit of an action only when it is chosen."""
    text = ls.client_capabilities.text_document
    support = text.code_action.resolve_support if text and text.code_action else None
    return support is not None and "edit" in support.properties


async def _code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri, only = params.text_document.uri, params.context.only
    wanted = None if only is None else [str(getattr(kind, "value", kind)) for kind in only]
    notebook = ls.session.notebooks.get(ls.session.cells.get(uri, ""))
    if notebook is not None:
        found = notebook.shown(uri)
        buffer = dict(notebook.cells)[uri]
        place = _place(buffer, params.range)
        asked = actions.wants(actions.QUICK, wanted)
        return _quick(ls, uri, found, place, buffer.lines, buffer, None, params) if asked else []

    def work(document: PythonDocument) -> list[types.CodeAction]:
        shown = document.shown()
        place = _place(document.buffer, params.range)
        out: list[types.CodeAction] = []
        if actions.wants(actions.QUICK, wanted):
            out += _quick(ls, uri, shown, place, document.lines, document.buffer, document, params)
        if actions.wants(actions.CONVERT, wanted):
            out += _convert(uri, document, shown, place)
        for kind, unsafe, title in (
            (actions.FIX_ALL, False, "transpile-hybrid: fix all in file"),
            (actions.FIX_ALL_UNSAFE, True, "transpile-hybrid: fix all in file, unsafe fixes too"),
        ):
            asked = wanted is not None or kind != actions.FIX_ALL_UNSAFE
            some = any(one.safety == "safe" or (unsafe and one.safety == "unsafe") for one in shown)
            if asked and some and actions.wants(kind, wanted):
                data = {"do": "all", "uri": uri, "unsafe": unsafe}
                out.append(types.CodeAction(title, kind, data=data))
        return out

    made = await ls.ask_document(uri, work) or []
    if not _lazy(ls):
        for action in made:
            if action.edit is None and isinstance(action.data, dict):
                edit = await _rewriting(ls, action.data)
                action.edit = _edit(ls, edit) if edit else None
                action.data = None
        made = [action for action in made if action.edit is not None]
    return made


def _place(buffer: Any, range: types.Range) -> Range:
    start, end = range.start, range.end
    return (
        *buffer.locate(Position(start.line, start.character)),
        *buffer.locate(Position(end.line, end.character)),
    )


def _quick(
    ls: Server, uri: str, found: list[Shown], place: Range, lines: list[str], buffer: Any,
    document: PythonDocument | None, params: types.CodeActionParams,
) -> list[types.CodeAction]:  # fmt: skip
    chosen = [one for one in found if actions.overlaps(one.range, place)]
    out: list[types.CodeAction] = []
    told = params.context.diagnostics
    for title, safety, edits, one in actions.quick_fixes(found, chosen):
        edit = _edit(ls, actions.workspace_edit(uri, edits, lines, buffer))
        about = [d for d in told if d.code == one.code]
        out.append(types.CodeAction(title, actions.QUICK, about, is_preferred=safety == "safe" or None, edit=edit))
    if document is not None:
        for code, line in dict.fromkeys((one.code, one.range[0]) for one in chosen if one.code != "THC901"):
            ignore = actions.ignore_edits(document.source(), line + 1, code)
            if ignore:
                edit = _edit(ls, actions.workspace_edit(uri, ignore, lines, buffer))
                about = [d for d in told if d.code == code]
                out.append(types.CodeAction(f"{code}: ignore here", actions.QUICK, about, edit=edit))
    return out


def _convert(uri: str, document: PythonDocument, shown: list[Shown], place: Range) -> list[types.CodeAction]:
    out: list[types.CodeAction] = []
    for unit, (first, last) in _spans(document):
        if not first <= place[0] <= last:
            continue
        own = [one for one in shown if one.unit == unit.name or one.unit.startswith(unit.name + ".")]
        safe, unsafe = any(one.safety == "safe" for one in own), any(one.safety == "unsafe" for one in own)
        for flag in [False] * safe + [True] * unsafe:
            title = actions.convert_title(unit.name, unit.framework, flag)
            data = {"do": "unit", "uri": uri, "unit": unit.name, "unsafe": flag}
            out.append(types.CodeAction(title, actions.CONVERT, data=data))
    return out


def _spans(document: PythonDocument) -> list[tuple[Any, tuple[int, int]]]:
    import ast

    out = []
    for unit, line in document.units():
        one = document.linter.slice_at(line)
        nodes = [node for top in (one.nodes if one else []) for node in ast.walk(top)]
        shift = 0 if one is None else one.line + 1 - one.at
        for node in nodes:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.lineno + shift - 1 == line and node.name == unit.name.rpartition(".")[2]:
                out.append((unit, (line, (node.end_lineno or node.lineno) + shift - 1)))
    return out


async def _rewriting(ls: Server, data: dict[str, Any]) -> dict[str, Any] | None:
    uri = data["uri"]

    def work(document: PythonDocument) -> dict[str, Any] | None:
        workspace = ls.session.workspace
        config = workspace.config(document.path)
        repository = workspace.judge(document.path).repository
        source = document.source()
        if data["do"] == "unit":
            edits = rewriting.one_unit(source, repository, config, data["unit"], unsafe=bool(data["unsafe"]))
        else:
            edits = rewriting.whole(source, repository, config, unsafe=bool(data["unsafe"]))
        workspace.put(source)
        return actions.workspace_edit(uri, edits, document.lines, document.buffer) if edits else None

    return await ls.ask_document(uri, work)


async def _hover(ls: Server, uri: str, position: types.Position) -> types.Hover | None:
    def work(document: PythonDocument) -> tuple[str, Any] | None:
        line, column = document.buffer.locate(Position(position.line, position.character))
        text = document.buffer.lines[line]
        known = hover.suppressed(text, column)
        if known is not None:
            return known[0], client_range((line, known[1], line, known[2]), document.lines, document.buffer)
        parts: list[str] = []
        place: Any = None
        unit = hover.unit_at(document, line, column)
        if unit is not None:
            parts.append(hover.readiness(document, unit, ls.session.workspace.config(document.path).targets))
        found = hover.at_findings(document.shown(), line, column)
        if found is not None:
            parts.append(found[0])
            place = client_range(found[1], document.lines, document.buffer)
        text = "\n\n---\n\n".join(part for part in parts if part)
        return (text, place) if text else None

    answer = await ls.ask_document(uri, work)
    if answer is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, answer[0])
    place = ls.protocol._converter.structure(answer[1], types.Range) if answer[1] else None
    return types.Hover(content, place)


def _lens(uri: str, one: lens.Lens) -> types.CodeLens:
    place = types.Range(types.Position(one.line, 0), types.Position(one.line, 0))
    command = VERIFY if one.unit else ""
    return types.CodeLens(place, types.Command(one.title, command, arguments=[uri, one.unit] if one.unit else []))


async def _verify(ls: Server, uri: str, unit: str) -> str | None:
    def prepare(document: PythonDocument) -> lens.Plan | str:
        found = next((u for u, _ in document.units() if u.name == unit), None)
        if found is None:
            return f"no unit is named {unit}"
        return lens.plan(document.source(), found, ls.session.workspace.config(document.path))

    made = await ls.ask_document(uri, prepare)
    if made is None or isinstance(made, str):
        ls.show(made or "the file is not open", types.MessageType.Warning)
        return None
    token = str(uuid.uuid4())
    window = ls.client_capabilities.window
    reports = bool(window and window.work_done_progress)
    progress = ls.work_done_progress
    if reports:
        await progress.create_async(token)
        begin = types.WorkDoneProgressBegin(title=f"Verifying {unit}", cancellable=True, percentage=None)
        progress.begin(token, begin)

    def say(text: str) -> None:
        if reports:
            ls.soon(partial(progress.report, token, types.WorkDoneProgressReport(message=text)))

    def stop() -> bool:
        return ls.ending.is_set() or (reports and progress.tokens[token].cancelled())

    text: str
    try:
        text = lens.summary(await asyncio.get_running_loop().run_in_executor(None, lens.run, made, say, stop))
    except (Stopped, CancelledError):
        text = "stopped"
    except Exception as exc:
        text = f"not verified: {exc}"
    if reports:
        progress.end(token, types.WorkDoneProgressEnd(message=text))
    if text != "stopped" and uri in ls.session.documents:
        ls.verdicts[uri, unit] = text
    ls.show(f"{unit}: {text}")
    ls._refresh()
    return text
