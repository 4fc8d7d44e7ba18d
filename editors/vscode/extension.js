// Starts `transpile-hybrid server` and lets VS Code speak with it; everything else is the server's.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { commandFrom, settingsFrom } = require("./settings.js");

const NAME = "transpile-hybrid";
let client;

/** The interpreter that the Python extension has chosen for a folder, or "". */
async function interpreter(folder) {
  const python = vscode.extensions.getExtension("ms-python.python");
  if (!python) return "";
  const api = python.isActive ? python.exports : await python.activate();
  const environment = api?.environments?.getActiveEnvironmentPath(folder?.uri);
  return environment?.path ?? "";
}

async function start() {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const configuration = vscode.workspace.getConfiguration(NAME, folder);
  const [command, ...args] = commandFrom(configuration.get("command", []), await interpreter(folder));
  client = new LanguageClient(
    NAME,
    NAME,
    { command, args },
    {
      documentSelector: [
        { language: "python", scheme: "file" },
        { language: "python", scheme: "untitled" },
      ],
      initializationOptions: settingsFrom((key) => configuration.get(key)),
      synchronize: {
        fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.py,pyproject.toml,.transpile-hybrid.toml,.gitignore}"),
      },
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const text = `transpile-hybrid: ${command} could not be started (${error.message}). Install it with: pip install "transpile-hybrid[lsp]"`;
    vscode.window.showErrorMessage(text);
  }
}

async function stop() {
  await client?.stop();
  client = undefined;
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("transpile-hybrid.restart", async () => {
      await stop();
      await start();
    }),
    vscode.commands.registerCommand("transpile-hybrid.fixAllHere", () => {
      const uri = vscode.window.activeTextEditor?.document.uri.toString();
      return uri && client?.sendRequest("workspace/executeCommand", { command: "transpile-hybrid.fixAll", arguments: [uri] });
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(NAME)) return undefined;
      const configuration = vscode.workspace.getConfiguration(NAME);
      const settings = settingsFrom((key) => configuration.get(key));
      return client?.sendNotification("workspace/didChangeConfiguration", { settings: { [NAME]: settings } });
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
