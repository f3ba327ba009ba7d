// The page of `gptstore dev`: runs the tool in place, checks fields, and takes a save over without losing what was typed.

import { start } from "/static/runs/run.js";
import { addLog } from "/static/runs/run/parts.js";

const form = document.querySelector("#tool-form");
const RECHECK_MS = 300;
let checking = null;

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function say(text) {
  document.querySelector("#dev-say").textContent = text;
}

// A run, in place.

async function run(event) {
  event.preventDefault();
  say("");
  const button = form.querySelector("button[type=submit]");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    const page = parse(await answer.text());
    if (page.querySelector("#run") && answer.ok) showRun(page);
    else if (answer.status === 422) showErrors(page);
    else location.reload();
  } catch {
    showAway(true);
  }
  setTimeout(() => { button.disabled = "unavailable" in button.dataset; });
}

function showRun(page) {
  clearErrors();
  document.querySelector("#run-slot").replaceChildren(page.querySelector("#run"));
  document.querySelector("#requests").replaceChildren(page.querySelector(".requests"));
  watch(document.querySelector("#run"));
  document.querySelector(".languages [name=next]").value = document.querySelector("#run").dataset.page;
  document.querySelector("#run-slot").scrollIntoView({ block: "nearest" });
}

function watch(run) {
  if (run.dataset.final === "true") return;
  start(run, { model: showRequest, printed: (data) => addLog(run, data.message) });
}

function showRequest({ number, html }) {
  const list = document.querySelector(".request-list");
  const item = parse(html).querySelector("li");
  const before = [...list.children].find((other) => Number(other.dataset.number) >= number);
  if (before && Number(before.dataset.number) === number) before.replaceWith(item);
  else list.insertBefore(item, before ?? null);
  document.querySelector("[data-no-requests]").hidden = true;
}

// What is wrong stands at its field; files that were chosen stay chosen.

function clearErrors() {
  form.querySelector(".error-summary")?.remove();
  for (const error of form.querySelectorAll(".field-error")) error.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function showErrors(page) {
  clearErrors();
  for (const error of page.querySelectorAll("#tool-form .field-error")) {
    const text = error.textContent.trim();
    const own = document.getElementById(error.id);
    if (!text || !own) continue;
    own.textContent = text;
    for (const control of own.closest(".field").querySelectorAll("input, textarea, select")) control.setAttribute("aria-invalid", "true");
    const group = own.closest("details.group");
    if (group) group.open = true;
  }
  const summary = page.querySelector("#tool-form .error-summary");
  if (!summary) return;
  form.querySelector("[name=csrfmiddlewaretoken]").after(summary);
  summary.focus();
}

// One field is checked when it is left, and one that was found wrong while it is corrected. The store has htmx for that.

async function check(event) {
  const field = event.target.closest(".field[hx-post]");
  if (!field) return;
  clearTimeout(checking);
  if (event.type === "recheck") checking = setTimeout(() => checkField(field), RECHECK_MS);
  else await checkField(field);
}

async function checkField(field) {
  const body = new FormData(form);
  for (const name of [...body.keys()]) if (body.get(name) instanceof File) body.delete(name);
  try {
    const answer = await fetch(field.getAttribute("hx-post"), { method: "POST", body });
    const error = parse(await answer.text()).querySelector(".field-error");
    if (!answer.ok || !error || !field.isConnected) return;
    document.getElementById(error.id).replaceWith(error);
    document.body.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: error } }));
  } catch {
    showAway(true);
  }
}

// A save: the parts of the page that it changes come anew, with what was typed.

function typed() {
  const kept = new Map();
  const talks = new Map([...form.querySelectorAll("[data-conversation]")].map((box) => [box.dataset.conversation, box]));
  for (const control of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    if (isChanged(control)) kept.set(keyOf(control), control);
  }
  const open = new Map([...form.querySelectorAll("details.group")].map((group) => [titleOf(group), group.open]));
  return { kept, open, talks };
}

function isChanged(control) {
  if (control.dataset.kept) return control.value !== control.defaultValue || control.checked !== control.defaultChecked;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.type === "file") return control.files.length > 0;
  if (control.localName === "select") return [...control.options].some((option) => option.selected !== option.defaultSelected && option.value);
  return control.value !== control.defaultValue;
}

function keyOf(control) {
  if (control.dataset.kept) return control.name;
  return ["checkbox", "radio"].includes(control.type) ? `${control.name}=${control.value}` : control.name;
}

function titleOf(group) {
  return group.querySelector("summary").textContent;
}

function putBack({ kept, open, talks }) {
  for (const box of form.querySelectorAll("[data-conversation]")) {
    const before = talks.get(box.dataset.conversation);
    if (before && before.querySelector("input").value !== "[]") box.replaceWith(before);
  }
  for (const control of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    const before = kept.get(keyOf(control));
    if (before?.type === control.type) restore(control, before);
  }
  for (const group of form.querySelectorAll("details.group")) group.open ||= open.get(titleOf(group)) ?? false;
}

function restore(control, before) {
  if (control.dataset.kept) {
    control.parentElement.replaceWith(before.parentElement);
  } else if (control.type === "file") control.files = before.files;
  else if (["checkbox", "radio"].includes(control.type)) control.checked = before.checked;
  else if (control.localName === "select") {
    if ([...control.options].some((option) => option.value === before.value)) control.value = before.value;
  } else control.value = before.value;
}

async function takeSave(number) {
  const answer = await fetch((form.getAttribute("action") ?? "/") + location.search);
  const page = parse(await answer.text());
  if (!answer.ok || !page.querySelector("#tool-form")) return;
  const path = new URL(answer.url).pathname;
  if (path !== location.pathname && !location.pathname.startsWith("/runs/")) history.replaceState(null, "", path);
  const focused = form.contains(document.activeElement) ? document.activeElement : null;
  const cursor = focused?.selectionStart ?? null;
  const before = typed();
  for (const part of page.querySelectorAll("[data-swap]")) swap(part);
  swapForm(page.querySelector("#tool-form"));
  putBack(before);
  if (focused?.id) focus(document.getElementById(focused.id), cursor);
  document.title = page.title;
  document.body.dataset.version = page.body.dataset.version ?? number;
  const { broken, saved } = document.querySelector("#dev-say").dataset;
  say(document.querySelector("#problem").textContent.trim() ? broken : saved);
}

function swap(part) {
  const own = document.getElementById(part.id);
  if (own.localName === "details") part.open = own.open;
  if (own.outerHTML !== part.outerHTML) own.replaceWith(part);
}

function swapForm(fresh) {
  form.hidden = fresh.hidden;
  for (const name of ["action", "enctype"]) {
    if (fresh.hasAttribute(name)) form.setAttribute(name, fresh.getAttribute(name));
    else form.removeAttribute(name);
  }
  form.replaceChildren(...fresh.childNodes);
  for (const control of form.querySelectorAll("textarea, input")) control.dispatchEvent(new Event("input", { bubbles: true }));
}

function focus(control, cursor) {
  control?.focus({ preventScroll: true });
  if (cursor !== null) {
    try {
      control?.setSelectionRange(cursor, cursor);
    } catch {
      // Numbers and dates have no cursor.
    }
  }
}

function showAway(away) {
  document.querySelector("#away").hidden = !away;
}

function follow() {
  const source = new EventSource(`/changes?after=${document.body.dataset.version}`);
  source.addEventListener("changed", (event) => takeSave(JSON.parse(event.data).version));
  source.addEventListener("open", () => showAway(false));
  source.addEventListener("error", () => {
    showAway(true);
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 2000);
  });
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

form.addEventListener("submit", run);
form.addEventListener("change", check);
form.addEventListener("recheck", check);
const shown = document.querySelector("#run");
if (shown) watch(shown);
follow();
