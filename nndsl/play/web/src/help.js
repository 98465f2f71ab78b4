// What the compiler knows of a word while one types: completions, and what stands under the mouse.

import { autocompletion, snippetCompletion } from "@codemirror/autocomplete";
import { hoverTooltip } from "@codemirror/view";
import { ask } from "./ask.js";
import { element } from "./elements.js";

const KINDS = { word: "function", function: "function", block: "class", own: "class", let: "constant", value: "variable",
  parameter: "variable", argument: "property", choice: "enum", file: "text", keyword: "keyword" };

export const completing = (page) => autocompletion({
  icons: false,
  override: [async (context) => {
    const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*/u);
    const opens = context.matchBefore(/[(,="]\s*|["/][^"\n]*/);
    if (!word && !context.explicit && !opens) return null;
    const { options } = await ask("complete", { ...page(), offset: context.pos }).catch(() => ({})); // the server is gone
    if (!options?.length || context.aborted) return null;
    const from = options[0].role === "file" ? (context.matchBefore(/[^"\n]*/)?.from ?? context.pos) : (word?.from ?? context.pos);
    return {
      from,
      validFor: options[0].role === "file" ? undefined : /^[\p{L}\p{N}_]*$/u,
      options: options.map((one, at) => {
        const shown = { label: one.name, detail: one.detail, type: KINDS[one.role], boost: -at / 100 };
        return one.inserts ? snippetCompletion(one.inserts.replace("$0", "${}"), shown) : shown;
      }),
    };
  }],
});

export const explaining = (page) => hoverTooltip(async (view, place) => {
  const found = await ask("hover", { ...page(), offset: place }).catch(() => ({}));
  if (!found.says || found.from === undefined) return null;
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom: element("div", { class: "hover" }, markdown(found.says)) }) };
}, { hoverTime: 400 });

// The little of Markdown that the compiler writes: code, strong, emphasis, paragraphs.
function markdown(text) {
  return text.split(/^```\w*\n([\s\S]*?)\n```$/m).map((part, at) => at % 2
    ? element("pre", {}, part)
    : part.split(/\n{2,}/).filter((one) => one.trim()).map((one) => element("p", {}, spans(one))));
}

function spans(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/).map((part) => {
    if (part.startsWith("`")) return element("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return element("b", {}, spans(part.slice(2, -2)));
    if (part.startsWith("*") && part.length > 2) return element("i", {}, part.slice(1, -1));
    return part;
  });
}
