// The page in the browser: a spec on the left, and what becomes of it on the right.

import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { ask, enter, withServer } from "./ask.js";
import { $, counted, element, picture, table } from "./elements.js";
import { beside, compare, rename } from "./beside.js";
import { completing, explaining } from "./help.js";
import { hints, lights, setHints, show } from "./links.js";
import { drags, step } from "./numbers.js";
import { download, pack, unpack } from "./share.js";
import { colours, spec } from "./spec.js";
import { buttons, excuse, halt, pause, prove, stop, train } from "./training.js";
import { languages, said, speak } from "./words.js";

const WAIT = 120; // milliseconds without a key, before the compiler is asked
const LATE = 600; // and without its answer, before what stands there is shown as old
const state = { name: "page.nn", saved: "", checksum: null, folder: "", findings: [], lines: [], layers: [], tab: "script" };
const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--page)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { caretColor: "var(--ink)", paddingBottom: "40vh" },
  ".cm-gutters": { backgroundColor: "var(--page)", color: "var(--quiet)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--panel)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 30%, transparent) !important" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-lit": { backgroundColor: "var(--lit) !important", boxShadow: "inset 3px 0 var(--lit-edge)" },
  ".cm-tooltip": { backgroundColor: "var(--page)", border: "1px solid var(--line)", color: "var(--ink)", maxWidth: "min(36rem, 90vw)" },
  ".cm-diagnostic": { whiteSpace: "pre-line" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-matchingBracket": { backgroundColor: "var(--line) !important" },
});

// What the editor itself says.
const phrases = () => EditorState.phrases.of({
  "Completions": said("Completions"), "Diagnostics": said("Diagnostics"), "No diagnostics": said("No diagnostics"),
  "Control character": said("Control character"), "Selection deleted": said("Selection deleted"), "close": said("Close"),
});
const ownPhrases = new Compartment();

const editor = new EditorView({
  parent: $("editor"),
  extensions: [
    lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), closeBrackets(), indentOnInput(),
    EditorState.allowMultipleSelections.of(true), EditorView.lineWrapping,
    keymap.of([
      { key: "Mod-Enter", run: () => (start(), true) },
      { key: "Alt-ArrowUp", run: step(1) },
      { key: "Alt-ArrowDown", run: step(-1) },
      ...completionKeymap, ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap,
    ]),
    spec, colours, look, lights, hints, drags, completing(() => page()), explaining(() => page()),
    EditorView.contentAttributes.of(() => ({ "aria-label": said("The page"), spellcheck: "false" })),
    ownPhrases.of(phrases()),
    EditorView.updateListener.of(changed),
    EditorView.domEventHandlers({
      mousemove: (event, view) => { hover(lineAt(view, event)); },
      mouseleave: () => { hover(null); },
    }),
  ],
});

const code = new EditorView({
  parent: $("code"),
  extensions: [
    lineNumbers(), drawSelection(), keymap.of(defaultKeymap), python(), colours, look, lights,
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of(() => ({ "aria-label": said("The script"), "aria-readonly": "true", tabindex: "0" })),
    EditorView.domEventHandlers({
      mousemove: (event, view) => { hoverBack(lineAt(view, event)); },
      mouseleave: () => { hover(null); },
      click: (event, view) => {
        const [line] = state.lines[lineAt(view, event) - 1] ?? [];
        if (line) goTo(line, false);
      },
    }),
  ],
});

const narrow = matchMedia("(max-width: 760px)");
const touched = matchMedia("(hover: none)").matches;
const lineAt = (view, event) => {
  const place = view.posAtCoords({ x: event.clientX, y: event.clientY }, false);
  return view.state.doc.lineAt(place).number;
};
const text = () => editor.state.doc.toString();
const page = () => ({ name: state.name, text: text() });

// --- From a line of the page to lines of the script, and back --------------------------------

let hovered = null;

function cursorLine() {
  return editor.state.doc.lineAt(editor.state.selection.main.head).number;
}

function scriptLines(line) {
  return state.lines.flatMap((from, at) => (from.includes(line) ? [at + 1] : []));
}

function hover(line) {
  if (line === hovered) return;
  hovered = line;
  linkLine(line ?? cursorLine(), false);
}

function linkLine(line, scroll) {
  show(code, scriptLines(line), scroll);
  show(editor, [], false);
  say(line);
  for (const row of $("table").querySelectorAll("tr[data-line]")) row.classList.toggle("lit", Number(row.dataset.line) === line);
}

function hoverBack(line) {
  const from = state.lines[line - 1] ?? [];
  hovered = null;
  show(editor, from, false);
  show(code, from.length ? scriptLines(from[0]) : [], false);
  if (from.length) say(from[0]);
}

function goTo(line, focus = true) {
  const place = editor.state.doc.line(Math.min(line, editor.state.doc.lines)).from;
  if (focus) choose("page");
  editor.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
  if (focus) editor.focus();
}

// What there is to know of a line: what goes in and comes out, its equation, how strong its signal is.
function say(line) {
  const found = state.layers.filter((layer) => layer.line === line), [first] = found;
  if (!first) return $("line").replaceChildren(element("span", { class: "quiet" }, said(touched ? "Touch a line to see what belongs to it, and drag a number to change it." : "Hover over a line to see what belongs to it, and drag a number to change it.")));
  const parts = [
    element("code", {}, first.equations.join("; ")),
    `${first.takes.join(", ")} → ${first.gives}`,
    first.parameters ? said("{count} parameters", { count: counted(first.parameters) }) : "",
    first.strength != null ? said("signal {strength} at the start", { strength: first.strength.toPrecision(2) }) : "",
    found.length > 1 ? said("{count} times", { count: found.length }) : "",
    narrow.matches ? element("code", { class: "of-script" }, scriptLines(line).map((at) => code.state.doc.line(at).text.trim().replace(/ +#.*/, "")).slice(0, 6).join("\n")) : "",
  ];
  $("line").replaceChildren(...parts.filter((part) => part && (part.textContent ?? part)).map((part) => element("span", {}, part)));
}

// --- Asking the compiler ------------------------------------------------------------------------

let timer = 0, version = 0, asking = null, unanswered = false, ready = false; // whether the compiler has said what there is

function changed(update) {
  if (update.docChanged && ready) {
    clearTimeout(timer);
    timer = setTimeout(study, update.transactions.some((one) => one.isUserEvent("input.drag")) ? 30 : WAIT);
    keepDraft();
    if (returned && update.transactions.some((one) => one.isUserEvent("input") || one.isUserEvent("delete"))) notify("");
  } else if (update.selectionSet) linkLine(cursorLine(), true);
}

async function study() {
  const mine = ++version, given = { ...page(), style: $("style").value };
  const late = setTimeout(() => stale(true), LATE);
  asking?.abort();
  const { signal } = (asking = new AbortController());
  try {
    const checked = await ask("check", given, signal);
    if (mine !== version) return;
    if (unanswered) notify("");
    showFindings(checked.findings);
    editor.dispatch({ effects: setHints.of(new Map(checked.hints.map(([line, gives, count]) => [line, gives + (count ? ` · ${said("{count} params", { count: counted(count) })}` : "")]))) });
    const script = await ask("build", given, signal);
    if (mine !== version) return;
    clearTimeout(late);
    stale(Boolean(script.failed));
    const none = checked.findings.some((one) => one.severity === "error") ? said("the page has errors") : said("there is nothing to build yet");
    const kept = code.state.doc.length ? said("script of the last page without errors") : none;
    $("length").textContent = script.failed ? kept : said("{count} lines", { count: script.lines.length });
    if (script.failed) {
      Object.assign(state, { lines: [], layers: [] });
      return linkLine(cursorLine(), false);
    }
    state.lines = script.lines;
    if (script.script !== code.state.doc.toString())
      code.dispatch({ changes: { from: 0, to: code.state.doc.length, insert: script.script } });
    showSummary(script);
    linkLine(cursorLine(), false);
    if (state.tab === "graph") await draw(given, mine);
    if (state.tab === "beside") await compare(page());
  } catch (error) {
    if (mine !== version) return;
    stale(true);
    notify(said("The compiler does not answer: {error}", { error: error.message }));
    unanswered = true;
  } finally {
    clearTimeout(late);
  }
}

// Whether what stands beside the page is of another text than the page's.
function stale(old) {
  for (const id of ["code", "drawing", "table", "differences"]) $(id).classList.toggle("stale", old);
}

async function draw(given = page(), mine = version) {
  const answer = await ask("graph", { ...given, expand: $("expand").checked });
  if (mine !== version || answer.failed) return;
  state.svg = answer.svg;
  $("drawing").replaceChildren(picture(answer.svg));
}

// --- What is wrong -------------------------------------------------------------------------------

function showFindings(findings) {
  state.findings = findings;
  const length = editor.state.doc.length;
  editor.dispatch(setDiagnostics(editor.state, findings.filter((one) => one.from !== undefined).map((one) => ({
    from: Math.min(one.from, length),
    to: Math.min(Math.max(one.to, one.from), length),
    severity: one.severity,
    source: one.code,
    message: one.help ? `${one.message}\n${one.help}` : one.message,
    actions: one.fixes.map((fix) => ({ name: fix.message, apply: () => mend(fix) })),
  }))));
  $("findings").replaceChildren(...findings.map((one) => element("li", { class: one.severity },
    element("button", { class: "place", onclick: () => one.file ? null : goTo(one.line) },
      element("b", {}, severity(one)), ` ${one.file ? `${one.file} ` : ""}${said("line {line}: {message}", one)}`),
    one.labels.map((label) => element("p", { class: "quiet" }, said("line {line}: {message}", label))),
    one.help ? element("p", {}, one.help) : "",
    element("div", { class: "ways" },
      one.fixes.map((fix) => element("button", { class: fix.safe ? "main" : "", onclick: () => mend(fix) }, fix.message)),
      element("button", { onclick: () => explain(one.code) }, said("{code}: why?", one))))));
}

const severity = (one) => ({ error: said("error"), warning: said("warning") })[one.severity] ?? one.severity;

function mend(fix) {
  editor.dispatch({ changes: fix.edits.map(({ from, to, text }) => ({ from, to, insert: text })), userEvent: "input" });
  editor.focus();
}

async function explain(code) {
  const told = await ask("explain", { ...page(), code });
  if (told.failed) return;
  const dialog = $("explanation");
  dialog.replaceChildren(
    element("h2", {}, told.title), ...told.paragraphs.map((one) => element("p", {}, one)),
    element("b", {}, said("Wrong")), element("pre", {}, told.wrong), element("b", {}, said("Right")), element("pre", {}, told.right),
    element("form", { method: "dialog" }, element("button", { class: "main" }, said("Close"))));
  dialog.showModal();
}

// --- The summary ----------------------------------------------------------------------------------

function showSummary({ head, rows, sizes, layers }) {
  state.layers = layers;
  const strengths = layers.filter((layer) => layer.strength != null), most = Math.max(...strengths.map((one) => one.strength));
  $("table").replaceChildren(
    ...(rows.length ? [table(head, rows.map(({ cells, line }) => ({ cells, line, pick: line ? () => goTo(line) : null })))] : []),
    element("dl", {}, sizes.filter(([, value]) => value).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    ...(strengths.length ? [
      element("h2", {}, said("The signal before training: the predicted spread behind each hidden layer")),
      table(["", "", said("spread")], strengths.map((one) => ({
        cells: [one.name, bar(one.strength / most), one.strength.toPrecision(3)],
        line: one.line, pick: () => goTo(one.line) }))),
    ] : []));
}

function bar(share) {
  const made = element("span", { class: "strength" });
  made.style.width = `${Math.max(1, 100 * share)}%`;
  return made;
}

// --- Files, drafts, links --------------------------------------------------------------------------

const draftKey = () => `nndsl:${state.folder}:${state.name}`;

function keepDraft() {
  const open = text() !== state.saved;
  $("unsaved").hidden = !open || !withServer;
  if (state.shared) return void inAddress(); // the file of this name is another page
  if (location.hash) window.history.replaceState(null, "", location.pathname); // it holds an older text
  try {
    if (open) localStorage.setItem(draftKey(), JSON.stringify({ text: text(), checksum: state.checksum }));
    else localStorage.removeItem(draftKey());
  } catch { /* a browser that keeps nothing */ }
}

async function inAddress() {
  const address = `${location.pathname}#page=${await pack({ ...page(), style: $("style").value })}`;
  window.history.replaceState(null, "", address);
  return location.origin + address;
}

function put(content) {
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: content }, selection: { anchor: 0 } });
}

function opened({ name, text: content, checksum }) {
  Object.assign(state, { name, saved: content, checksum, lines: [], layers: [], shared: false });
  code.dispatch({ changes: { from: 0, to: code.state.doc.length } });
  for (const id of ["drawing", "table"]) $(id).replaceChildren();
  document.title = `${name} – nndsl`;
  let draft = null;
  try { draft = JSON.parse(localStorage.getItem(draftKey())); } catch { /* none */ }
  put(content);
  keepDraft();
  if (draft && draft.text !== content) {
    state.checksum = draft.checksum; // of the file that it was made from
    put(draft.text);
    notify(said("What was not saved the last time is here again."), [said("Discard it"), () => { state.checksum = checksum; put(content); }]);
    returned = true;
  }
  study();
}

async function open(name) {
  const answer = await ask("open", { name });
  if (answer.error) return notify(answer.error);
  notify("");
  opened(answer);
}

let saving = null; // one after another: a second one would find the file changed

function save(checksum) {
  saving = (saving ?? Promise.resolve()).then(() => write(checksum ?? state.checksum));
  return saving;
}

async function write(checksum) {
  if (!withServer) return download(state.name, text());
  const content = text();
  try {
    const answer = await ask("save", { name: state.name, text: content, checksum });
    if (answer.conflict)
      return notify(said(state.shared && checksum === null ? "There is a {name} already, and it is another page." : "{name} was changed elsewhere since it was opened.", state),
        [said("Take that"), () => { localStorage.removeItem(draftKey()); opened(answer); }],
        [said("Write mine over it"), () => save(answer.checksum)]);
    if (answer.error) return lost(answer.error);
    Object.assign(state, { saved: content, checksum: answer.checksum, shared: false });
    keepDraft();
    notify(said("Saved."));
    fading = setTimeout(() => notify(""), 2000);
  } catch (error) {
    lost(error.message);
  }
}

const lost = (error) => notify(said("Not saved: {error}. What you wrote is kept in this browser.", { error }), [said("Try again"), () => save()]);

let fading = 0, returned = false; // whether the notice is of a draft that came back

function notify(message, ...ways) {
  clearTimeout(fading);
  returned = unanswered = false;
  $("notice").hidden = !message;
  $("notice").replaceChildren(message, ...ways.map(([name, act]) => element("button", { onclick: () => { notify(""); act(); } }, name)),
    ...(ways.length ? [element("button", { onclick: () => notify("") }, said("Close"))] : []));
}

async function share() {
  const address = await inAddress();
  const told = said(withServer ? "The address holds the page now, but not your token: whoever gets it starts `nndsl play`, and puts what begins with #page= behind the address that is printed there." : "The address holds the page now.");
  try {
    await navigator.clipboard.writeText(address);
    notify(said("{told} It is in the clipboard.", { told }));
  } catch { notify(told); }
}

// --- Tabs and buttons -------------------------------------------------------------------------------

const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(name) {
  if (name === "page" && !narrow.matches) return;
  state.tab = name;
  for (const tab of tabs) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    const panel = $(tab.getAttribute("aria-controls"));
    panel.hidden = panel.id === "page" ? narrow.matches && !chosen : !chosen;
  }
  if (name === "graph") draw();
  if (name === "beside") compare(page());
}

function start() {
  choose("training");
  if (withServer) train(page(), $("style").value === "layers" ? "layers" : "flat");
}

for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab.id.slice(4)));
  tab.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    const shown = tabs.filter((one) => one.offsetParent), next = shown[(shown.indexOf(tab) + way + shown.length) % shown.length];
    next.focus();
    choose(next.id.slice(4));
  });
}
narrow.addEventListener("change", () => choose(state.tab === "page" && !narrow.matches ? "script" : state.tab));
$("save").addEventListener("click", () => save());
$("format").addEventListener("click", async () => {
  const answer = await ask("format", page());
  if (answer.failed) return notify(said("A page with errors of syntax has no layout yet."));
  if (answer.text !== text()) put(answer.text);
});
$("share").addEventListener("click", share);
$("run").addEventListener("click", start);
$("start").addEventListener("click", start);
$("pause").addEventListener("click", pause);
$("stop").addEventListener("click", stop);
$("halt").addEventListener("click", halt);
$("prove").addEventListener("click", () => prove(page(), $("style").value === "layers" ? "layers" : "flat", (line) => {
  choose("script");
  show(code, [line], true);
}));
$("style").addEventListener("change", study);
$("language").addEventListener("change", () => { inLanguage($("language").value); study(); });
$("expand").addEventListener("change", () => draw());
$("pages").addEventListener("change", () => {
  if ($("pages").value) return open($("pages").value);
  const name = prompt(said("The name of the new page:"), "net.nn");
  $("pages").value = state.name;
  if (!name) return;
  const whole = name.endsWith(".nn") ? name : `${name}.nn`;
  list([...state.pages, whole], whole);
  open(whole);
});
$("downloads").addEventListener("click", async (event) => {
  const what = event.target.dataset.download, stem = state.name.replace(/^.*\//, "").replace(/\.nn$/, "");
  if (!what) return;
  $("downloads").open = false;
  if (what === "page") download(`${stem}.nn`, text());
  if (what === "script") download(`${stem}.py`, code.state.doc.toString());
  if (what === "graph") { await draw(); download(`${stem}.svg`, state.svg); }
});
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); save(); }
});
addEventListener("hashchange", () => location.reload()); // another page was opened in this tab
document.addEventListener("compare", () => compare(page()));
document.addEventListener("restore", ({ detail }) => detail.name === state.name && put(detail.text));
document.addEventListener("boot", ({ detail }) => notify(detail));

function list(names, chosen) {
  state.pages = [...new Set(names.filter(Boolean))].sort();
  $("pages").replaceChildren(...state.pages.map((name) => element("option", { selected: name === chosen }, name)),
    ...(withServer ? [element("option", { value: "" }, said("new page …"))] : []));
}

// Says all of the page in a language; what the compiler said stays until it is asked again.
function inLanguage(language) {
  speak(language);
  $("language").value = document.documentElement.lang;
  for (const view of [editor, code]) view.dispatch({ effects: view === editor ? ownPhrases.reconfigure(phrases()) : [] });
  list(state.pages ?? [], state.name);
  rename();
  buttons();
  if (!withServer) excuse();
}

async function begin() {
  inLanguage(withServer ? document.documentElement.lang : languages.find((one) => navigator.language.startsWith(one)));
  choose(narrow.matches ? "page" : "script");
  await enter();
  const early = $("first")?.textContent; // of a site: it is there before Python is
  if (early) put(early);
  const first = await ask("start");
  const typed = early && text() !== early ? text() : null;
  ready = true;
  state.folder = first.folder;
  $("save").hidden = !withServer;
  list([...first.pages, first.name], first.name);
  beside({ pages: first.pages, extensions: [spec, colours, look], opened: () => ({ text: state.saved }) });
  const shared = /^#page=(.+)/.exec(location.hash);
  let sent = null;
  try { sent = shared && (await unpack(shared[1])); } catch { notify(said("The address holds no page that can be read.")); }
  if (sent) {
    $("style").value = ["flat", "layers", "optimized"].includes(sent.style) ? sent.style : "flat";
    const name = /^[\w./-]+\.nn$/.test(sent.name) ? sent.name : "shared.nn";
    const file = await ask("open", { name }).catch(() => ({ error: true })), same = file.text === sent.text;
    Object.assign(state, { name, saved: same ? file.text : "", checksum: same ? file.checksum : null, shared: true });
    list([...state.pages, name], name);
    put(sent.text);
    const other = !same && file.checksum;
    notify(said(other ? "This page came with the address. The file {name} in this folder is another." : "This page came with the address.", { name }), ...(other ? [[said("Open the file"), () => open(name)]] : []));
    return study();
  }
  if (first.name) {
    opened(first);
    if (typed !== null) put(typed);
    return;
  }
  if (first.pages.length) return open(first.pages[0]);
  opened({ name: "page.nn", text: first.starter ?? "", checksum: null });
}

begin().catch((error) => notify(said("The page cannot begin: {error}", { error: error.message })));
