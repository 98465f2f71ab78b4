// The extension: it starts the language server, and shows the script of a page beside it.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { command, pageLines, scriptLines } = require("./mapping");

const SCHEME = "nndsl-script";
const PAUSE = 200; // milliseconds without a key, after which the script is written again

let client;
let scripts;
let mark;

/** The scripts that are shown: each is a document of its own, which nobody can write. */
class Scripts {
  constructor() {
    this.known = new Map(); // the address of a page -> its script and the lines they share
    this.changed = new vscode.EventEmitter();
    this.onDidChange = this.changed.event;
    this.waiting = undefined;
  }

  /** The document that shows the script of a page. */
  address(page) {
    const name = page.path.replace(/\.nn$/, ".py");
    return vscode.Uri.from({ scheme: SCHEME, path: name, query: page.toString() });
  }

  page(script) {
    return script.query;
  }

  async load(page) {
    const found = await client.sendRequest("workspace/executeCommand", {
      command: "nndsl.script",
      arguments: [page],
    });
    const before = this.known.get(page);
    if (found.text || !before) {
      this.known.set(page, found);
    } // while a page has errors its last script stays
    return found;
  }

  async provideTextDocumentContent(script) {
    const page = this.page(script);
    const found = this.known.get(page) ?? (await this.load(page));
    return found.text || `# There is no script: ${found.reason}.\n`;
  }

  /** Write the script of a page again, if it is shown, once nobody types. */
  refresh(document) {
    const page = document.uri.toString();
    if (document.languageId !== "nn" || !this.known.has(page)) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(async () => {
      await this.load(page);
      this.changed.fire(this.address(document.uri));
    }, PAUSE);
  }
}

/** Mark lines of an editor, and show the first of them where `moves`. */
function show(editor, lines, moves) {
  const ranges = lines.map((line) => editor.document.lineAt(Math.min(line, editor.document.lineCount - 1)).range);
  editor.setDecorations(mark, ranges);
  if (moves && ranges.length) {
    editor.revealRange(ranges[0], vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

/** Follow the cursor: from the page to its script, and back. */
function follow(event) {
  const { document } = event.textEditor;
  const line = event.selections[0].active.line;
  for (const other of vscode.window.visibleTextEditors) {
    const uri = other.document.uri;
    if (uri.scheme === SCHEME && scripts.page(uri) === document.uri.toString()) {
      const found = scripts.known.get(scripts.page(uri));
      show(other, found ? scriptLines(found.lines, line) : [], true);
      show(event.textEditor, [], false);
    } else if (document.uri.scheme === SCHEME && uri.toString() === scripts.page(document.uri)) {
      const found = scripts.known.get(uri.toString());
      show(other, found ? pageLines(found.lines, line) : [], true);
      show(event.textEditor, [], false);
    }
  }
}

async function scriptBeside() {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "nn") return;
  await scripts.load(editor.document.uri.toString());
  const document = await vscode.workspace.openTextDocument(scripts.address(editor.document.uri));
  await vscode.languages.setTextDocumentLanguage(document, "python");
  const column = vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(document, { viewColumn: column, preserveFocus: true, preview: false });
  scripts.changed.fire(document.uri);
}

/** Train the network of the page in a terminal. */
async function run() {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "nn" || !(await editor.document.save())) return;
  const { program, args } = serverCommand(editor.document.uri);
  const folder = vscode.Uri.joinPath(editor.document.uri, "..").fsPath;
  const file = editor.document.uri.path.split("/").pop();
  const shellArgs = [...args.slice(0, -1), "run", file]; // in the place of `lsp`
  const name = `nndsl run ${file}`;
  const terminal = vscode.window.createTerminal({ name, cwd: folder, shellPath: program, shellArgs });
  terminal.show(true);
}

function serverCommand(uri) {
  const folder = (uri && vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
  return command(vscode.workspace.getConfiguration("nndsl", uri).get("command"), folder?.uri.fsPath);
}

async function start() {
  const { program, args } = serverCommand(undefined);
  const words = vscode.workspace.getConfiguration("nndsl").get("words");
  client = new LanguageClient(
    "nndsl",
    "nndsl",
    { command: program, args },
    {
      documentSelector: [{ language: "nn" }],
      initializationOptions: { words },
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{nn,csv,npz,json,txt}") },
    },
  );
  try {
    await client.start();
  } catch (error) {
    const install = 'python -m pip install "nndsl[lsp]"';
    vscode.window.showErrorMessage(
      `The language server did not start (${program} ${args.join(" ")}). ${install} installs it; the setting nndsl.command says where it is.`,
    );
  }
}

async function activate(context) {
  scripts = new Scripts();
  mark = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.findMatchHighlightBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.findMatchForeground"),
  });
  context.subscriptions.push(
    mark,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, scripts),
    vscode.window.onDidChangeTextEditorSelection(follow),
    vscode.workspace.onDidChangeTextDocument((event) => scripts.refresh(event.document)),
    vscode.commands.registerCommand("nndsl.scriptBeside", scriptBeside),
    vscode.commands.registerCommand("nndsl.run", run),
    vscode.commands.registerCommand("nndsl.restart", () => client.restart()),
  );
  await start();
}

async function deactivate() {
  await client?.stop();
}

module.exports = { activate, deactivate };
