// Elements of the page. Texts stay texts: nothing that somebody wrote becomes markup.

export const $ = (id) => document.getElementById(id);

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child != null && child !== ""));
  return made;
}

export const counted = (number) => number.toLocaleString("en");

// A picture that the compiler drew.
export function picture(svg) {
  const parsed = new DOMParser().parseFromString(svg.includes("xmlns=") ? svg : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"'), "image/svg+xml");
  return document.importNode(parsed.documentElement, true);
}

export function table(head, rows) {
  const right = head.map((_, at) => rows.length && rows.every(({ cells }) => typeof cells[at] === "string" && /^[-\d.,e%]*$/.test(cells[at])));
  const cell = (kind, at, text) => element(kind, { class: right[at] ? "right" : text.length > 40 ? "long" : null }, text);
  return element("table", {},
    element("thead", {}, element("tr", {}, head.map((text, at) => cell("th", at, text)))),
    element("tbody", {}, rows.map(({ cells, pick, line, ...rest }) => element("tr",
      { class: pick ? "links" : null, tabindex: pick ? 0 : null, "data-line": line || null, onclick: pick ?? (() => {}),
        onkeydown: (event) => { if (pick && event.key === "Enter") pick(); } },
      cells.map((text, at) => cell("td", at, text))))));
}
