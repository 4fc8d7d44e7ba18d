// What of the settings the server is told, and how it is started.  Knows nothing of VS Code, so that it can be tested.
"use strict";

const KEYS = ["target", "select", "ignore", "debounce"];

/** The command line of the server: the user's own, else the chosen interpreter's, else what is on the path. */
function commandFrom(own, interpreter) {
  if (own.length) return own;
  if (interpreter) return [interpreter, "-m", "transpile_hybrid", "server"];
  return ["transpile-hybrid", "server"];
}

/** The settings that are set, as the server's initialization options. */
function settingsFrom(get) {
  const found = {};
  for (const key of KEYS) {
    const value = get(key);
    if (value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)) found[key] = value;
  }
  return found;
}

module.exports = { commandFrom, settingsFrom };
