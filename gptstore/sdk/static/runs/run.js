// The page of a run: follows its events until it has ended.
import { Announcer } from "./run/announcer.js";
import { follow } from "./run/follow.js";
import { Meter } from "./run/meter.js";
import { Output } from "./run/output.js";
import { watchReply } from "./run/reply.js";
import { addLog, clearLog, showProgress, showStarted } from "./run/parts.js";

const AGAIN_MS = 2000;

const root = document.querySelector("#run");
if (root) {
  watchReply(root);
  if (root.dataset.final === "false" && !("waits" in root.dataset)) start(root);
}

// Follows a run. `more` has handlers of events that a store does not send. A run that waits is started by another script.
export function start(run, more = {}) {
  const announcer = new Announcer(run);
  const meter = new Meter(run);
  const output = new Output(run, { onText: (text) => announcer.read(text), onTokens: (tokens) => meter.tokens(tokens) });
  announcer.skip(output.isText ? output.known : 0);
  clearLog(run);
  let attempt = Number(run.dataset.attempt);

  const stop = follow(run.dataset.events, {
    onFresh: () => {
      output.replay();
      clearLog(run);
    },
    onAway: (away) => { run.querySelector("[data-reconnecting]").hidden = !away; },
    started: (data) => {
      if (data.attempt !== attempt || run.dataset.status === "queued") {
        attempt = data.attempt;
        meter.start();
        announcer.say("running");
      }
      showStarted(run);
    },
    output: (data) => output.append(data.text),
    progress: (data) => {
      showProgress(run, data);
      announcer.progress(data.message);
    },
    log: (data) => addLog(run, data.message),
    reset: () => {
      output.reset();
      announcer.forget();
    },
    finished: async (data) => {
      output.stop();
      meter.stop();
      await showFinal(run, output);
      announcer.end(data.status, output.readable());
      more.onEnd?.(run);
    },
    ...more,
  });
  watchQueue(run, announcer);
  run.querySelector("[data-cancel]")?.addEventListener("submit", (event) => cancel(event));
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

// htmx asks for the place in the queue every few seconds, and puts it into the page.
function watchQueue(run, announcer) {
  const tell = () => announcer.queue(run.querySelector("[data-queue]")?.textContent.trim());
  tell();
  new MutationObserver(tell).observe(run.querySelector(".run-meta"), { childList: true });
}

async function cancel(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  if (button.getAttribute("aria-disabled")) return;
  const label = button.querySelector("span");
  const before = label.textContent;
  button.setAttribute("aria-disabled", "true");
  label.textContent = button.dataset.stopping;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type !== "opaqueredirect") form.submit();
  } catch {
    // No network. The page stays, so that one can press again.
    button.removeAttribute("aria-disabled");
    label.textContent = before;
  }
}

// The server draws the final state. What the reader had scrolled to or opened stays as it was.
async function showFinal(run, output) {
  const html = await fetchFinal(run.dataset.page);
  if (html === null) return;
  const page = new DOMParser().parseFromString(html, "text/html");
  const place = output.box.scrollTop;
  const hadFocus = run.contains(document.activeElement) ? document.activeElement.id : null;
  const lines = run.querySelector("[data-log]");
  page.querySelector("[data-log]").replaceWith(document.adoptNode(lines));
  for (const name of ["[role=status][data-say]", "[data-read]"]) page.querySelector(name).replaceWith(run.querySelector(name));
  document.title = page.querySelector("#run").dataset.title;
  run.replaceChildren(...page.querySelector("#run").childNodes);
  run.dataset.final = "true";
  run.querySelector("#output").scrollTop = place;
  if (hadFocus !== null) (document.getElementById(hadFocus) ?? run.querySelector("h1, h2[tabindex]")).focus({ preventScroll: true });
}

// Asks until it gets an answer: loading the page anew without a network would lose what it shows. Null for somebody who
// signed out: they get the page for signing in, unless they are on their way to another one.
async function fetchFinal(url) {
  for (;;) {
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (answer.redirected) {
        setTimeout(() => location.reload(), AGAIN_MS);
        return null;
      }
      if (answer.ok) return await answer.text();
    } catch {
      // No network yet.
    }
    await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
  }
}
