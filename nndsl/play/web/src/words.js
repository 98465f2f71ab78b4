// What the page says, in the language that is chosen: the English sentence is the key, as elsewhere.

const all = JSON.parse(document.getElementById("words")?.textContent ?? "{}"); // of each language
const root = document.documentElement;
const ATTRIBUTES = ["title", "aria-label", "data-empty"];
const English = /[A-Za-z]{2,}/;

// A sentence with values in the place of their names in braces.
export function said(template, values = {}) {
  return (all[root.lang]?.[template] ?? template).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// Several sentences, each by itself.
export const each = (...templates) => templates.map((one) => said(one));

// What the page itself is made of, before anything is added to it: each as a way to say it again.
const standing = [];
for (const node of document.body.querySelectorAll("*")) {
  if (node.closest("[translate=no], script, noscript, #first")) continue;
  for (const name of ATTRIBUTES) {
    const key = node.getAttribute(name);
    if (key) standing.push(() => node.setAttribute(name, said(key)));
  }
  for (const part of node.childNodes) {
    const [, before, text, after] = /^(\s*)(.*?)(\s*)$/s.exec(part.nodeType === Node.TEXT_NODE ? part.data : "");
    const key = text.replace(/\s+/g, " ");
    if (English.test(key)) standing.push(() => { part.data = before + said(key) + after; });
  }
}

export const languages = ["en", ...Object.keys(all)];

export function speak(language) {
  root.lang = languages.includes(language) ? language : "en";
  for (const again of standing) again();
}
