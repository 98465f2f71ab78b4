// The language of a page for the editor: colours as one types. What words mean, the compiler says.

import { HighlightStyle, StreamLanguage, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const language = StreamLanguage.define({
  name: "nn",
  startState: () => ({ begins: true, depth: 0 }),
  token(stream, state) {
    if (stream.sol() && !state.depth) state.begins = true;
    if (stream.eatSpace()) return null;
    if (stream.match(/#.*/)) return "comment";
    if (stream.match(/"(\\.|[^"\\])*"?/)) return (state.begins = false), "string";
    if (stream.match(/(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[-+]?\d+)?/i)) return (state.begins = false), "number";
    const word = stream.match(/[\p{L}_][\p{L}\p{N}_]*/u);
    if (word) {
      const begins = state.begins;
      state.begins = false;
      if (/^(true|false)$/.test(word[0])) return "number";
      return begins ? "keyword" : "variableName";
    }
    const mark = stream.next();
    if ("([".includes(mark)) state.depth++;
    if (")]".includes(mark)) state.depth = Math.max(0, state.depth - 1);
    state.begins = "{};".includes(mark);
    return null;
  },
  indent(state, after, context) {
    const before = context.state.doc.sliceString(0, context.pos).trimEnd().split("\n").pop();
    const unit = context.unit, depth = /^ */.exec(before)[0].length;
    const opens = /^[^#]*[{([]\s*(#.*)?$/.test(before) ? unit : 0;
    return Math.max(0, depth + opens - (/^\s*[})\]]/.test(after) ? unit : 0));
  },
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] }, indentOnInput: /^\s*[})\]]$/ },
});

export const colours = syntaxHighlighting(HighlightStyle.define([
  { tag: [tags.comment, tags.docComment], color: "var(--comment)" },
  { tag: [tags.string, tags.docString], color: "var(--string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--number)" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.definitionKeyword, tags.controlKeyword, tags.moduleKeyword], color: "var(--word)" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], fontWeight: "600" },
]));

export const spec = [language, indentUnit.of("  ")];
