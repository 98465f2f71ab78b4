// The compiler in the browser, for the site that has no server.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const say = (starts) => postMessage({ starts });
const ready = begin();

async function begin() {
  say(true);
  const python = await loadPyodide({ indexURL: "./pyodide/" });
  for (const [name, folder] of [["packages.zip", "/packages"], ["pages.zip", "/pages"]]) {
    const answer = await fetch(name);
    if (!answer.ok) throw new Error(`${name} is missing`);
    python.FS.mkdirTree(folder);
    python.unpackArchive(await answer.arrayBuffer(), "zip", { extractDir: folder });
  }
  python.runPython("import sys; sys.path.insert(0, '/packages')");
  const ask = python.pyimport("nndsl.play.in_browser").ask;
  say(false);
  return ask;
}

onmessage = async ({ data: { number, method, given } }) => {
  try {
    const ask = await ready;
    postMessage({ number, answer: ask(method, given) });
  } catch (error) {
    postMessage({ number, error: String(error.message ?? error) });
  }
};
