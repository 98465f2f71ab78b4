// How the page asks the compiler: over HTTP where there is a server, else a worker with Pyodide.

import { said } from "./words.js";

const hasServer = !("static" in document.documentElement.dataset);
const KEY = "nndsl-key";
let worker, asked = new Map(), number = 0;

const language = () => document.documentElement.lang;

export const withServer = hasServer;

// Takes the key for the token behind # in the address, which is spent then: the next server has another.
export async function enter() {
  const [, token, rest] = /^#token=([\w-]+)(.*)$/.exec(location.hash) ?? [];
  if (!token) return;
  window.history.replaceState(null, "", location.pathname + rest);
  try {
    localStorage.setItem(KEY, (await (await post("enter", { token })).json()).key);
  } catch (error) {
    if (!localStorage.getItem(KEY)) throw error; // else this browser may have entered before
  }
}

// A question that nobody waits for any more, as `signal` says, is not asked where it is not yet.
export async function ask(method, given = {}, signal = undefined) {
  if (!hasServer) return askWorker(method, given);
  const answer = await post(`ask/${method}`, given, signal);
  return answer.json();
}

export async function tell(run, word) {
  await post(`tell/${run}/${word}`, {});
}

// Calls `hear` with each line that a process says. Ends when it does, or when `signal` aborts.
export async function run(what, given, hear, signal) {
  const answer = await post(`run/${what}`, given, signal);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) hear(JSON.parse(line));
  }
}

async function post(path, given, signal) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Nndsl-Key": localStorage.getItem(KEY) ?? "", "Accept-Language": language() },
    body: JSON.stringify({ language: language(), ...given }),
    signal,
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

function askWorker(method, given) {
  if (!worker) {
    worker = new Worker("pyodide-worker.js", { type: "module" });
    worker.onmessage = ({ data }) => {
      const { resolve, reject } = asked.get(data.number) ?? {};
      asked.delete(data.number);
      if (data.starts !== undefined) document.dispatchEvent(new CustomEvent("boot", { detail: data.starts ? said("Python starts in this browser; it takes some seconds, once.") : "" }));
      else if (data.error) reject?.(new Error(data.error));
      else resolve?.(JSON.parse(data.answer));
    };
  }
  return new Promise((resolve, reject) => {
    asked.set(++number, { resolve, reject });
    worker.postMessage({ number, method, given: JSON.stringify({ language: language(), ...given }) });
  });
}
