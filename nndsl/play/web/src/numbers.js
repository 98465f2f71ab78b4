// Numbers that are dragged: sideways with the pointer, or with Alt and an arrow key.

import { Decoration, EditorView, MatchDecorator, ViewPlugin } from "@codemirror/view";

const NUMBER = /(?<![\w."])(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?(?![\w."])/gi;
const mark = Decoration.mark({ class: "cm-number-drag" });
const finder = new MatchDecorator({
  regexp: NUMBER,
  decorate: (add, from, to, found, view) => { if (at(view.state, from)) add(from, to, mark); },
});
const THRESHOLD = 4, STEP = 6; // pixels before it is a drag, and for one step of it

function at(state, place) {
  const line = state.doc.lineAt(place);
  const before = line.text.slice(0, place - line.from);
  if (/^[^"]*#/.test(before) || before.split('"').length % 2 === 0) return null; // a comment, a text
  for (const found of line.text.matchAll(new RegExp(NUMBER))) { // its own, which begins anew
    const from = line.from + found.index, to = from + found[0].length;
    if (from <= place && place <= to) return { from, to, text: found[0] };
  }
  return null;
}

// A number some steps on: whole ones by a twentieth of their size, others by a factor.
export function changed(text, steps) {
  const value = Number(text.replaceAll("_", ""));
  if (/^[\d_]+$/.test(text)) {
    const size = Math.max(1, 10 ** Math.floor(Math.log10(Math.max(1, value / 5))));
    return String(Math.max(0, Math.round(value + steps * size)));
  }
  if (value === 0) return steps > 0 ? "0.01" : text;
  const next = value * 1.1 ** steps;
  const short = Number(next.toPrecision(2));
  return Math.abs(short) < 1e-3 || Math.abs(short) >= 1e6 ? short.toExponential().replace("e+", "e") : String(short);
}

export const drags = ViewPlugin.fromClass(class {
  constructor(view) { this.decorations = finder.createDeco(view); }
  update(update) { this.decorations = finder.updateDeco(update, this.decorations); }
}, {
  decorations: (plugin) => plugin.decorations,
  eventHandlers: {
    mousedown: (event) => !event.button && Boolean(event.target.closest?.(".cm-number-drag")),
    pointerdown(event, view) {
      const target = event.target.closest?.(".cm-number-drag");
      if (!target || event.button) return;
      const found = at(view.state, view.posAtDOM(target));
      if (!found) return;
      let end = found.to, began = false;
      const move = (moved) => {
        const far = moved.clientX - event.clientX;
        if (!began && Math.abs(far) < THRESHOLD) return;
        began = true;
        moved.preventDefault();
        const text = changed(found.text, Math.trunc(far / STEP));
        if (text === view.state.sliceDoc(found.from, end)) return;
        view.dispatch({ changes: { from: found.from, to: end, insert: text }, selection: { anchor: found.from }, userEvent: "input.drag" });
        end = found.from + text.length;
      };
      const up = (ended) => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", up);
        removeEventListener("pointercancel", up);
        if (began || ended.type !== "pointerup") return;
        const place = view.posAtCoords({ x: ended.clientX, y: ended.clientY });
        if (place !== null) view.dispatch({ selection: { anchor: place } });
        view.focus();
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", up);
      addEventListener("pointercancel", up);
    },
  },
});

export const step = (steps) => (view) => {
  const found = at(view.state, view.state.selection.main.head);
  if (!found) return false;
  const insert = changed(found.text, steps);
  view.dispatch({ changes: { from: found.from, to: found.to, insert }, selection: { anchor: found.from + insert.length }, userEvent: "input" });
  return true;
};
