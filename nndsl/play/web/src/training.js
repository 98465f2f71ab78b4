// The tabs in which something runs: a training with its curves, and the proof of the gradients.

import { ask, run, tell, withServer } from "./ask.js";
import { shown } from "./beside.js";
import { $, element, picture, table } from "./elements.js";
import { each, said } from "./words.js";

const runs = [];
let running = null;

// Numbers need numpy, which the site without a server does not have.
if (!withServer) {
  for (const id of ["start", "pause", "stop", "prove", "halt", "run"]) $(id).hidden = true;
  excuse();
}

export function excuse() {
  const why = said("This site checks, builds and draws inside your browser. What computes with numbers needs numpy: on your machine, `pip install 'nndsl[play]'`, then `nndsl play`, or run the script.");
  for (const id of ["outcome", "proof"]) $(id).replaceChildren(element("p", {}, why));
}

export async function train(page, style) {
  if (running) return;
  const abort = new AbortController();
  running = { abort, paused: false };
  buttons();
  const outcome = $("outcome"), rows = [];
  outcome.replaceChildren();
  $("state").textContent = said("starting …");
  $("state").className = "quiet";
  $("progress").hidden = true;
  let epochs, heading = "", ended = null;
  try {
    await run("train", { ...page, style }, (told) => {
      if (told.run) running.key = told.run;
      if (told.heading) {
        ({ epochs, heading } = told);
        $("state").textContent = said("reading the data …");
      }
      if (told.epoch) {
        $("state").textContent = said(epochs ? "epoch {epoch} of {epochs}" : "epoch {epoch}", { epoch: told.epoch, epochs });
        $("progress").hidden = !epochs;
        $("progress").value = epochs ? told.epoch / epochs : 0;
        rows.push(...told.rows);
        outcome.replaceChildren(...seen(told, heading, rows));
      }
      if (told.ended) {
        outcome.prepend(element("p", { class: "verdict" }, told.ended));
        $("state").textContent = said(told.results ? "drawing what it learnt …" : "done");
        if (told.results) ended = told;
      }
      if (told.pictures) $("state").textContent = said("done");
      if (told.pictures?.length)
        outcome.append(epochs === undefined ? "" : element("h2", {}, said("What it learnt")), element("div", { class: "curves" }, told.pictures.map(figure)));
      if (told.error) failed($("state"), told);
    }, abort.signal);
  } catch (error) {
    failed($("state"), { error: abort.signal.aborted ? said("stopped") : error.message });
  }
  running = null;
  buttons();
  if (ended) await remember(page, ended, outcome);
}

// The runs of this visit: what was changed from one to the next, and what came of it.
async function remember(page, { results, called }, outcome) {
  const before = runs.at(-1);
  let changes = before ? said("nothing") : "";
  if (before) {
    const found = await ask("compare", { ...page, other: before.text });
    const named = (all) => (all ?? []).map(({ name, before, after }) => `${name}: ${shown(before)} → ${shown(after)}`);
    const layers = (found.network ?? []).filter(({ sign }) => sign.trim()).map(({ sign, text }) => `${sign} ${text.trim()}`);
    const told = [layers.join("  "), ...named(found.settings)].filter(Boolean);
    if (!found.same) changes = (told.length ? told : named(found.sizes)).slice(0, 4).join("; ");
  }
  runs.push({ text: page.text, name: page.name, results, changes });
  if (runs.length < 2) return;
  const judged = Object.keys(results).filter((name) => /^(validation|test)_/.test(name));
  const columns = judged.length ? judged : Object.keys(results);
  outcome.firstChild.after(element("h2", {}, said("Runs of this visit")), table(["", said("page"), said("changed"), ...columns.map((name) => called[name])],
    runs.map((one, at) => ({ cells: [String(at + 1), one.name, one.changes, ...columns.map((name) => one.results[name]?.toFixed(4) ?? "")],
      pick: () => document.dispatchEvent(new CustomEvent("restore", { detail: one })) }))),
    element("p", { class: "quiet" }, said("A click on a run puts its page back.")));
}

function seen(told, heading, rows) {
  return [
    element("div", { class: "curves" }, told.curves.map(figure)),
    element("pre", {}, [heading, ...rows.slice(-12)].join("\n")),
    ...histograms(told.histograms, "activations", said("The outputs of the layers")),
    ...histograms(told.histograms, "weights", said("The parameters")),
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
      element("figcaption", {}, element("b", {}, one.name), " ", said("{layer}, {from} to {to}", { layer: one.layer, from: short(one.from), to: short(one.to) }))))),
  ];
}

function bars({ shares, name, from, to }) {
  const high = Math.max(...shares, 1e-9), width = 100 / shares.length;
  const path = shares.map((share, at) => `M${at * width} 40v${(-38 * share) / high}h${width * 0.9}V40z`).join("");
  const drawn = picture(`<svg viewBox="0 0 100 40" preserveAspectRatio="none"><path d="${path}"/></svg>`);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", said("{name}: values from {from} to {to}", { name, from: short(from), to: short(to) }));
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

export function buttons() {
  $("start").disabled = $("run").disabled = Boolean(running);
  $("pause").disabled = $("stop").disabled = !running;
  $("pause").textContent = said(running?.paused ? "Go on" : "Pause");
}

let proving = null;

export function halt() {
  proving?.abort(); // its process ends with whoever listens
}

export async function prove(page, style, pick) {
  const proof = $("proof"), abort = (proving = new AbortController());
  $("prove").disabled = true;
  $("halt").disabled = false;
  proof.replaceChildren(element("p", { class: "quiet" }, said("computing …")));
  const problem = element("p", {});
  try {
    await run("prove", { ...page, style }, (told) => {
      if (told.error) failed(problem, told), proof.replaceChildren(problem);
      if (!told.rows) return;
      const wrong = told.rows.filter((row) => row.status === "wrong").length + told.properties.filter((one) => !one.passed).length;
      const rows = told.rows.map((row) => ({
        cells: [element("span", {}, element("b", {}, row.name), " ", element("span", { class: "quiet" }, row.layer ?? "")), row.shape.join(" x "), row.checked === row.entries ? said("all") : said("{part} of {whole}", { part: row.checked, whole: row.entries }),
          error(row), String(row.line ?? ""), status(row)],
        pick: row.line ? () => pick(row.line) : null,
      }));
      proof.replaceChildren(
        element("p", { class: "verdict" }, wrong ? said("{wrong} wrong", { wrong }) : said("Every gradient is right.")),
        ...(rows.length ? [table(["", ...each("shape", "checked", "rel. error", "line", "status")], rows)] : []),
        element("details", {}, element("summary", {}, said("The whole report")), element("pre", {}, told.text)),
      );
    }, abort.signal);
  } catch (raised) {
    if (abort.signal.aborted) Object.assign(problem, { textContent: said("Stopped: nothing is proved."), className: "quiet" });
    else failed(problem, { error: raised.message });
    proof.replaceChildren(problem);
  }
  proving = null;
  $("prove").disabled = false;
  $("halt").disabled = true;
}

const status = (row) => ({ ok: said("ok"), wrong: said("wrong"), zero: said("zero") })[row.status] ?? row.status;

function error(row) {
  const worst = Math.max(...row.checks.map((check) => Number(check.norm_relative)));
  return row.status === "zero" ? "" : worst.toExponential(1);
}

function failed(place, { error, help }) {
  place.textContent = help ? `${error} (${help})` : error;
  place.className = "error";
}
