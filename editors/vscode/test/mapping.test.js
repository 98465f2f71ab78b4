const assert = require("node:assert");
const test = require("node:test");
const { command, pageLines, scriptLines } = require("../src/mapping");

const lines = [[], [3, 12], [3, 13], [14]];

test("a line of the page lights up all that comes from it, and a call what is in its block", () => {
  assert.deepStrictEqual(scriptLines(lines, 3), [1, 2]);
  assert.deepStrictEqual(scriptLines(lines, 13), [2]);
  assert.deepStrictEqual(scriptLines(lines, 0), []);
});

test("a line of the script knows its lines of the page", () => {
  assert.deepStrictEqual(pageLines(lines, 1), [3, 12]);
  assert.deepStrictEqual(pageLines(lines, 99), []);
});

test("a command may name the folder that is open", () => {
  const given = command(["${workspaceFolder}/.venv/bin/nndsl", "lsp"], "here");
  assert.deepStrictEqual(given, { program: "here/.venv/bin/nndsl", args: ["lsp"] });
  assert.deepStrictEqual(command([], undefined), { program: "nndsl", args: ["lsp"] });
});
