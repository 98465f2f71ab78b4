// The tabs in which something runs: a training with its curves, and the proof of the gradients.

import { ask, run, tell, withServer } from "./ask.js";
import { shown } from "./beside.js";
import { $, element, picture, table } from "./elements.js";

const runs = [];
let running = null;

// Numbers need numpy, which the site without a server does not have.
if (!withServer) {
  const why = "This site checks, builds and draws inside your browser. What computes with numbers needs numpy: on your machine, `pip install 'nndsl[play]'`, then `nndsl play`, or run the script.";
  for (const id of ["start", "pause", "stop", "prove", "halt", "run"]) $(id).hidden = true;
  for (const id of ["outcome", "proof"]) $(id).replaceChildren(element("p", {}, why));
}

export async function train(page, style) {
  if (running) return;
  const abort = new AbortController();
  running = { abort, paused: false };
  buttons();
  const outcome = $("outcome"), rows = [];
  outcome.replaceChildren();
  $("state").textContent = "starting …";
  $("state").className = "quiet";
  $("progress").hidden = true;
  let epochs, heading = "", results = null;
  try {
    await run("train", { ...page, style }, (said) => {
      if (said.run) running.key = said.run;
      if (said.heading) {
        ({ epochs, heading } = said);
        $("state").textContent = "reading the data …";
      }
      if (said.epoch) {
        $("state").textContent = epochs ? `epoch ${said.epoch} of ${epochs}` : `epoch ${said.epoch}`;
        $("progress").hidden = !epochs;
        $("progress").value = epochs ? said.epoch / epochs : 0;
        rows.push(...said.rows);
        outcome.replaceChildren(...seen(said, heading, rows));
      }
      if (said.ended) {
        outcome.prepend(element("p", { class: "verdict" }, said.ended));
        $("state").textContent = said.results ? "drawing what it learnt …" : "done";
        if (said.results) results = said.results;
      }
      if (said.pictures) $("state").textContent = "done";
      if (said.pictures?.length)
        outcome.append(epochs === undefined ? "" : element("h2", {}, "What it learnt"), element("div", { class: "curves" }, said.pictures.map(figure)));
      if (said.error) failed($("state"), said);
    }, abort.signal);
  } catch (error) {
    failed($("state"), { error: abort.signal.aborted ? "stopped" : error.message });
  }
  running = null;
  buttons();
  if (results) await remember(page, results, outcome);
}

// The runs of this visit: what was changed from one to the next, and what came of it.
async function remember(page, results, outcome) {
  const before = runs.at(-1);
  let changes = before ? "nothing" : "";
  if (before) {
    const found = await ask("compare", { ...page, other: before.text });
    const named = (all) => (all ?? []).map(({ name, before, after }) => `${name}: ${shown(before)} → ${shown(after)}`);
    const layers = (found.network ?? []).filter(({ sign }) => sign.trim()).map(({ sign, text }) => `${sign} ${text.trim()}`);
    const said = [layers.join("  "), ...named(found.settings)].filter(Boolean);
    if (!found.same) changes = (said.length ? said : named(found.sizes)).slice(0, 4).join("; ");
  }
  runs.push({ text: page.text, name: page.name, results, changes });
  if (runs.length < 2) return;
  const judged = Object.keys(results).filter((name) => /^(validation|test)_/.test(name));
  const columns = judged.length ? judged : Object.keys(results);
  outcome.firstChild.after(element("h2", {}, "Runs of this visit"), table(["", "page", "changed", ...columns.map((name) => name.replaceAll("_", " "))],
    runs.map((one, at) => ({ cells: [String(at + 1), one.name, one.changes, ...columns.map((name) => one.results[name]?.toFixed(4) ?? "")],
      pick: () => document.dispatchEvent(new CustomEvent("restore", { detail: one })) }))),
    element("p", { class: "quiet" }, "A click on a run puts its page back."));
}

function seen(said, heading, rows) {
  return [
    element("div", { class: "curves" }, said.curves.map(figure)),
    element("pre", {}, [heading, ...rows.slice(-12)].join("\n")),
    ...histograms(said.histograms, "activations", "What the layers put out"),
    ...histograms(said.histograms, "weights", "The parameters"),
  ];
}

function figure({ title, svg, caption, wide }) {
  return element("figure", { class: wide ? "wide" : null }, element("figcaption", {}, element("b", {}, title)), picture(svg), element("figcaption", {}, caption));
}

function histograms(all, of, title) {
  const shown = all.filter((one) => one.of === of);
  if (!shown.length) return [];
  return [
    element("h2", {}, title),
    element("div", { class: "bars" }, shown.map((one) => element("figure", {}, bars(one),
      element("figcaption", {}, element("b", {}, one.name), ` ${one.layer}, ${short(one.from)} to ${short(one.to)}`)))),
  ];
}

function bars({ shares, name, from, to }) {
  const high = Math.max(...shares, 1e-9), width = 100 / shares.length;
  const path = shares.map((share, at) => `M${at * width} 40v${(-38 * share) / high}h${width * 0.9}V40z`).join("");
  const drawn = picture(`<svg viewBox="0 0 100 40" preserveAspectRatio="none"><path d="${path}"/></svg>`);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", `${name}: values from ${short(from)} to ${short(to)}`);
  return drawn;
}

const short = (number) => Number(number.toPrecision(3)).toString();

export function stop() {
  if (!running) return;
  if (running.key) tell(running.key, "stop").catch(() => running?.abort.abort());
  else running.abort.abort();
}

export function pause() {
  if (!running?.key) return;
  running.paused = !running.paused;
  tell(running.key, running.paused ? "pause" : "go");
  buttons();
}

function buttons() {
  $("start").disabled = $("run").disabled = Boolean(running);
  $("pause").disabled = $("stop").disabled = !running;
  $("pause").textContent = running?.paused ? "Go on" : "Pause";
}

let proving = null;

export function halt() {
  proving?.abort(); // its process ends with whoever listens
}

export async function prove(page, style, pick) {
  const proof = $("proof"), abort = (proving = new AbortController());
  $("prove").disabled = true;
  $("halt").disabled = false;
  proof.replaceChildren(element("p", { class: "quiet" }, "computing …"));
  const problem = element("p", {});
  try {
    await run("prove", { ...page, style }, (said) => {
      if (said.error) failed(problem, said), proof.replaceChildren(problem);
      if (!said.rows) return;
      const wrong = said.rows.filter((row) => row.status === "wrong").length + said.properties.filter((one) => !one.passed).length;
      const rows = said.rows.map((row) => ({
        cells: [element("span", {}, element("b", {}, row.name), " ", element("span", { class: "quiet" }, row.layer ?? "")), row.shape.join(" x "), row.checked === row.entries ? "all" : `${row.checked} of ${row.entries}`,
          error(row), String(row.line ?? ""), row.status],
        pick: row.line ? () => pick(row.line) : null,
      }));
      proof.replaceChildren(
        element("p", { class: "verdict" }, wrong ? `${wrong} wrong` : "Every gradient is right."),
        ...(rows.length ? [table(["", "shape", "checked", "rel. error", "line", "status"], rows)] : []),
        element("details", {}, element("summary", {}, "The whole report"), element("pre", {}, said.text)),
      );
    }, abort.signal);
  } catch (raised) {
    if (abort.signal.aborted) Object.assign(problem, { textContent: "Stopped: nothing is proved.", className: "quiet" });
    else failed(problem, { error: raised.message });
    proof.replaceChildren(problem);
  }
  proving = null;
  $("prove").disabled = false;
  $("halt").disabled = true;
}

function error(row) {
  const worst = Math.max(...row.checks.map((check) => Number(check.norm_relative)));
  return row.status === "zero" ? "" : worst.toExponential(1);
}

function failed(place, { error, help }) {
  place.textContent = help ? `${error} (${help})` : error;
  place.className = "error";
}
