// Two editors over the real language server: what is found on the left, what `rewrite` makes of it on the right.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";

const URI = "file:///playground/models.py";
const SEVERITY = { 1: "error", 2: "warning", 3: "info", 4: "hint" };
const START = `import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, heads=4, size=8):
        super().__init__()
        self.heads, self.size = heads, size
        self.query = nn.Linear(32, 32)

    def forward(self, x, mask=None):
        shape = x.size()[:-1] + (self.heads, self.size)
        q = self.query(x).view(*shape)
        if mask is not None:
            q = q * mask
        return q
`;

let number = 0;
let version = 1;
const waiting = new Map();

const send = (message) =>
  fetch("message", { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", ...message }) });
const tell = (method, params) => send({ method, params });
const ask = (method, params) =>
  new Promise((resolve) => {
    const id = ++number;
    waiting.set(id, resolve);
    send({ id, method, params });
  });

const common = [lineNumbers(), python(), syntaxHighlighting(defaultHighlightStyle)];
const left = new EditorView({
  parent: document.getElementById("left"),
  state: EditorState.create({
    doc: START,
    extensions: [
      ...common,
      history(),
      keymap.of([...defaultKeymap, ...historyKeymap]),
      EditorView.updateListener.of((update) => update.docChanged && changed(update)),
    ],
  }),
});
let right;

function show(text) {
  right?.destroy();
  const merge = unifiedMergeView({ original: left.state.doc, mergeControls: false, highlightChanges: true });
  right = new EditorView({
    parent: document.getElementById("right"),
    state: EditorState.create({ doc: text, extensions: [...common, merge, EditorState.readOnly.of(true)] }),
  });
}

function position(doc, offset) {
  const line = doc.lineAt(offset);
  return { line: line.number - 1, character: offset - line.from };
}

function offset(doc, place) {
  if (place.line >= doc.lines) return doc.length;
  const line = doc.line(place.line + 1);
  return Math.min(line.from + place.character, line.to);
}

function changed(update) {
  const changes = [];
  update.changes.iterChanges((from, to, _a, _b, inserted) =>
    changes.unshift({
      range: { start: position(update.startState.doc, from), end: position(update.startState.doc, to) },
      text: inserted.toString(),
    }),
  ); // last first, so that each counts in the text before it
  tell("textDocument/didChange", { textDocument: { uri: URI, version: ++version }, contentChanges: changes });
}

async function rewritten() {
  const unsafe = document.getElementById("unsafe").checked;
  const text = await ask("workspace/executeCommand", { command: "transpile-hybrid.rewritten", arguments: [URI, unsafe] });
  if (typeof text === "string") show(text);
}

function found(params) {
  if (params.uri !== URI || (params.version && params.version < version)) return;
  const doc = left.state.doc;
  const rows = params.diagnostics.map((one) => ({
    from: offset(doc, one.range.start),
    to: offset(doc, one.range.end),
    severity: SEVERITY[one.severity],
    message: `${one.code}: ${one.message}`,
  }));
  left.dispatch(setDiagnostics(left.state, rows));
  const list = document.getElementById("findings");
  list.replaceChildren(
    ...params.diagnostics.map((one, index) => {
      const row = document.createElement("li");
      row.className = `s${one.severity}`;
      const code = document.createElement("b");
      code.textContent = one.code;
      row.append(code, ` ${one.range.start.line + 1}: ${one.message.split("\n")[0]}`);
      row.onclick = () => left.dispatch({ selection: { anchor: rows[index].from }, scrollIntoView: true });
      return row;
    }),
  );
  document.getElementById("status").textContent = `${params.diagnostics.length} found`;
  rewritten();
}

function settings() {
  const target = document.getElementById("target").value;
  return { debounce: 0, target: target ? [target] : [] };
}

async function start() {
  await ask("initialize", { processId: null, rootUri: null, capabilities: {}, initializationOptions: settings() });
  tell("initialized", {});
  const text = left.state.doc.toString();
  tell("textDocument/didOpen", { textDocument: { uri: URI, languageId: "python", version, text } });
}

document.getElementById("unsafe").onchange = rewritten;
document.getElementById("target").onchange = () =>
  tell("workspace/didChangeConfiguration", { settings: { "transpile-hybrid": settings() } });

const events = new EventSource("events");
events.onopen = start;
events.onmessage = (event) => {
  const message = JSON.parse(event.data);
  if (message.method === "textDocument/publishDiagnostics") found(message.params);
  else if (message.id !== undefined && message.method) send({ id: message.id, result: null });
  else if (message.id !== undefined) waiting.get(message.id)?.(message.result), waiting.delete(message.id);
};
