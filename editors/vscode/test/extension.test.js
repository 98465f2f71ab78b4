// Visual Studio Code itself is not there: a stand-in shows that the bundle loads and what it
// registers.

const assert = require("node:assert");
const Module = require("node:module");
const test = require("node:test");

/** Something that can be called, constructed, extended, and asked for any name. */
function anything() {
  const made = function () {};
  return new Proxy(made, {
    get: (target, name) => (name in target ? target[name] : (target[name] = anything())),
    construct: (_, __, derived) => Object.create(derived.prototype),
    apply: () => anything(),
  });
}

test("the bundle starts, and registers the commands that package.json names", async () => {
  const vscode = anything();
  const registered = [];
  vscode.commands.registerCommand = (name) => registered.push(name);
  vscode.window.showErrorMessage = () => {};
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
  try {
    const extension = require("../dist/extension.js");
    vscode.workspace.getConfiguration = () => ({ get: (name) => (name === "command" ? ["no-such-program"] : []) });
    await extension.activate({ subscriptions: [] }).catch(() => {});
  } finally {
    Module._load = load;
  }
  const { contributes } = require("../package.json");
  assert.deepStrictEqual(registered.sort(), contributes.commands.map((one) => one.command).sort());
});
