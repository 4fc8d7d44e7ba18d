"""How editors that have no profile in pytest-lsp introduce themselves: what concerns a linter, as data.

Facts from the editors' own sources, as of November 2026: ``helix-lsp/src/client.rs`` of Helix,
``plugin/core/sessions.py`` of Sublime Text's LSP, ``ClientCapabilitiesFactory.java`` of LSP4IJ (PyCharm).
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from lsprotocol.converters import get_converter

_KINDS = ["quickfix", "refactor", "refactor.extract", "refactor.inline", "refactor.rewrite", "source.organizeImports"]


def _actions(*kinds: str, properties: tuple[str, ...] = ("edit",), **more: bool) -> dict[str, Any]:
    literal = {"codeActionKind": {"valueSet": [*_KINDS, *kinds]}}
    return {
        "codeActionLiteralSupport": literal, "dataSupport": True, "resolveSupport": {"properties": list(properties)},
        **more,
    }  # fmt: skip


_TAGS = {"valueSet": [1, 2]}
_WATCH = {"dynamicRegistration": True, "relativePatternSupport": True}
_EDIT = {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]}
_DATA: dict[str, dict[str, Any]] = {
    "helix": {
        "workspace": {
            "configuration": True, "workspaceFolders": True, "applyEdit": True, "didChangeWatchedFiles": _WATCH,
            "workspaceEdit": {**_EDIT, "failureHandling": "abort", "normalizesLineEndings": False},
            "diagnostics": {"refreshSupport": True}, "executeCommand": {"dynamicRegistration": False},
        },
        "textDocument": {
            "hover": {"contentFormat": ["markdown"]},
            "codeAction": _actions(
                "", "source", "source.fixAll", properties=("edit", "command"), isPreferredSupport=True,
                disabledSupport=True,
            ),
            "diagnostic": {"dynamicRegistration": False, "relatedDocumentSupport": True},
            "publishDiagnostics": {"versionSupport": True, "tagSupport": _TAGS},
        },
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
        "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
    },
    "sublime": {
        "workspace": {
            "configuration": True, "workspaceFolders": True, "applyEdit": True, "didChangeWatchedFiles": _WATCH,
            "workspaceEdit": {**_EDIT, "failureHandling": "abort", "normalizesLineEndings": True},
            "diagnostics": {"refreshSupport": True}, "codeLens": {"refreshSupport": True},
            "didChangeConfiguration": {"dynamicRegistration": True}, "executeCommand": {"dynamicRegistration": True},
        },
        "textDocument": {
            "synchronization": {"willSave": True, "willSaveWaitUntil": True, "didSave": True},
            "hover": {"dynamicRegistration": True, "contentFormat": ["markdown", "plaintext"]},
            "codeAction": _actions("source.fixAll", isPreferredSupport=True, dynamicRegistration=True),
            "codeLens": {"dynamicRegistration": True},
            "diagnostic": {"dynamicRegistration": True, "relatedDocumentSupport": True},
            "publishDiagnostics": {
                "relatedInformation": True, "versionSupport": True, "codeDescriptionSupport": True, "dataSupport": True,
                "tagSupport": _TAGS,
            },
        },
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
        "general": {
            "positionEncodings": ["utf-16"], "staleRequestSupport": {"cancel": True, "retryOnContentModified": []},
        },
    },
    "lsp4ij": {
        "workspace": {
            "configuration": True, "workspaceFolders": True, "applyEdit": True, "workspaceEdit": _EDIT,
            "didChangeWatchedFiles": {"dynamicRegistration": True}, "codeLens": {"refreshSupport": True},
            "diagnostics": {"refreshSupport": True}, "didChangeConfiguration": {"dynamicRegistration": True},
            "executeCommand": {"dynamicRegistration": True},
        },
        "textDocument": {
            "synchronization": {"willSave": True, "willSaveWaitUntil": True, "didSave": True},
            "hover": {"dynamicRegistration": True, "contentFormat": ["markdown", "plaintext"]},
            "codeAction": _actions("source", dynamicRegistration=True),
            "codeLens": {"dynamicRegistration": True},
            "diagnostic": {"dynamicRegistration": True, "relatedDocumentSupport": True},
            "publishDiagnostics": {
                "relatedInformation": True, "codeDescriptionSupport": True, "dataSupport": True, "tagSupport": _TAGS,
            },
        },
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
        "general": {
            "positionEncodings": ["utf-16"], "staleRequestSupport": {"cancel": True, "retryOnContentModified": []},
        },
    },
}  # fmt: skip
OTHERS = tuple(_DATA)


def capabilities(name: str) -> types.ClientCapabilities:
    """Return the capabilities that the editor ``name`` announces."""
    return get_converter().structure(_DATA[name], types.ClientCapabilities)
