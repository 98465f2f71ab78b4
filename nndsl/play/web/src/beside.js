// Another page beside this one: what the two mean differently, and its text.

import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { ask } from "./ask.js";
import { $, counted, element, table } from "./elements.js";
import { said } from "./words.js";

// A number of a size or a setting, however a page writes it: 2_000 and 2000 are 2,000.
export const shown = (value) => (/^\d[\d_]*$/.test(value ?? "") ? counted(Number(value.replaceAll("_", ""))) : value ?? "–");

let second, opened, asked = 0;

export function beside({ pages, extensions, opened: before }) {
  opened = before;
  second = new EditorView({ parent: $("second"), extensions: [lineNumbers(), ...extensions, EditorState.readOnly.of(true), EditorView.lineWrapping,
    EditorView.contentAttributes.of(() => ({ "aria-label": said("The other page"), "aria-readonly": "true", tabindex: "0" }))] });
  $("other").replaceChildren(element("option", { value: "" }), ...pages.map((name) => element("option", {}, name)));
  rename();
  $("other").addEventListener("change", () => document.dispatchEvent(new CustomEvent("compare")));
}

// Says anew what stands here, in another language.
export function rename() {
  if (!second) return;
  $("other").firstChild.textContent = said("the page as it was opened");
  second.dispatch({});
}

export async function compare(page) {
  const mine = ++asked, name = $("other").value;
  const { text, error } = name ? await ask("open", { name }) : opened();
  if (error) return ($("meaning").textContent = error);
  const found = await ask("compare", { ...page, other: text, other_name: name || page.name });
  if (mine !== asked) return;
  if (text !== second.state.doc.toString()) second.dispatch({ changes: { from: 0, to: second.state.doc.length, insert: text } });
  $("meaning").textContent = said(found.failed ? "One of the two has errors." : found.same ? "Both mean the same." : found.breaking ? "Saved weights of the one do not fit the other." : "Saved weights of the one fit the other.");
  if (found.failed) return; // what stands there stays, dimmed
  $("differences").hidden = Boolean(found.same);
  if ($("differences").hidden) return $("differences").replaceChildren();
  const changes = [...found.settings, ...found.sizes, ...found.weights];
  $("differences").replaceChildren(
    ...(found.network.length ? [element("pre", {}, found.network.map(({ sign, text: line }) =>
      element("div", { class: { "-": "gone", "+": "new" }[sign] ?? null }, `${sign} ${line}`)))] : []),
    ...(changes.length ? [table(["", name || said("before"), said("now")], changes.map((one) => ({ cells: [one.name, shown(one.before), shown(one.after)] })))] : []));
}
