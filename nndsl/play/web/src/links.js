// Lines that light up: those of the script that come from a line of the page, and back.

import { RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

export const light = StateEffect.define();
const lit = Decoration.line({ class: "cm-lit" });

export const lights = StateField.define({
  create: () => Decoration.none,
  update(shown, transaction) {
    shown = shown.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(light)) continue;
      const builder = new RangeSetBuilder(), doc = transaction.state.doc;
      for (const number of [...new Set(effect.value)].sort((a, b) => a - b))
        if (number >= 1 && number <= doc.lines) builder.add(doc.line(number).from, doc.line(number).from, lit);
      shown = builder.finish();
    }
    return shown;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// What leaves each line, behind it: shape and parameters.
export const setHints = StateEffect.define();

class Hint extends WidgetType {
  constructor(text) { super(); this.text = text; }
  eq(other) { return other.text === this.text; }
  ignoreEvent() { return false; } // a click puts the cursor before it
  toDOM() {
    const element = document.createElement("span");
    element.className = "cm-hint";
    element.textContent = this.text;
    return element;
  }
}

export const hints = StateField.define({
  create: () => Decoration.none,
  update(shown, transaction) {
    shown = shown.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setHints)) continue;
      const doc = transaction.state.doc;
      const places = [...effect.value].filter(([line]) => line <= doc.lines).sort(([a], [b]) => a - b);
      shown = Decoration.set(places.map(([line, text]) =>
        Decoration.widget({ widget: new Hint(text), side: 1 }).range(doc.line(line).to)));
    }
    return shown;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function show(view, lines, scroll) {
  const effects = [light.of(lines)], first = Math.min(...lines);
  if (scroll && lines.length && first <= view.state.doc.lines)
    effects.push(EditorView.scrollIntoView(view.state.doc.line(first).from, { y: "start", yMargin: 60 }));
  view.dispatch({ effects });
}
