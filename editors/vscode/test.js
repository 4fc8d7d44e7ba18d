"use strict";

const assert = require("node:assert");
const { spawn } = require("node:child_process");
const test = require("node:test");
const { commandFrom, settingsFrom } = require("./settings.js");
const manifest = require("./package.json");

test("the user's own command is strongest", () => {
  assert.deepStrictEqual(commandFrom(["a", "b"], "/python"), ["a", "b"]);
  assert.deepStrictEqual(commandFrom([], "/python"), ["/python", "-m", "transpile_hybrid", "server"]);
  assert.deepStrictEqual(commandFrom([], ""), ["transpile-hybrid", "server"]);
});

test("only what is set is told, and every key is declared", () => {
  const values = { target: ["torch.compile"], select: [], ignore: [], debounce: null };
  assert.deepStrictEqual(settingsFrom((key) => values[key]), { target: ["torch.compile"] });
  for (const key of Object.keys(values)) {
    assert.ok(`transpile-hybrid.${key}` in manifest.contributes.configuration.properties);
  }
});

test("the command that the extension starts speaks the protocol", async () => {
  const [command, ...args] = commandFrom([], process.env.PYTHON || "python3");
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const message = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { processId: null, rootUri: null, capabilities: {}, initializationOptions: { target: ["torch.compile"] } },
  });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
  const answer = await new Promise((resolve) => server.stdout.once("data", (data) => resolve(String(data))));
  server.kill();
  assert.match(answer, /"codeActionProvider"/);
});
