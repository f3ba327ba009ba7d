// A tool's form: counters, growing text areas, examples, inline errors, Ctrl+Enter.

import { showConversation } from "./conversation.js";

const form = document.querySelector("#tool-form");

function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, window.innerHeight * 0.7)}px`;
}

function count(control) {
  const counter = document.querySelector(`[data-counter-for="${control.id}"]`);
  if (!counter) return;
  const max = Number(counter.dataset.max);
  const length = [...control.value].length;
  const language = document.documentElement.lang;
  counter.textContent = `${length.toLocaleString(language)} / ${max.toLocaleString(language)}`;
  counter.classList.toggle("over", length > max);
}

function refresh(control) {
  if (control.localName === "textarea") grow(control);
  count(control);
}

// A file can't be put into its control: a box beside it says which file of the site it stands for.
function keep(control, file) {
  const box = form.querySelector(`[data-kept="${control.id}"]`);
  control.value = "";
  control.required &&= !file;
  box.value = file?.source ?? "";
  box.checked = Boolean(file);
  box.parentElement.hidden = !file;
  box.parentElement.querySelector("bdi").textContent = file?.label ?? "";
}

function choose(event) {
  const control = event.target;
  if (control.type !== "file") return;
  markValid(control);
  const box = form.querySelector(`[data-kept="${control.id}"]`);
  box.parentElement.hidden = !box.value || control.files.length > 0;
}

function show(control, value) {
  if (control.type === "file") keep(control, value);
  else if (control.type === "radio") control.checked = control.value === value;
  else if (control.type === "checkbox") control.checked = Array.isArray(value) ? value.includes(control.value) : Boolean(value);
  else if (control.type !== "hidden" && document.querySelector(`[data-conversation="${CSS.escape(control.name)}"]`)) showConversation(control, value);
  else control.value = value ?? "";
}

function fill(controls) {
  for (const [name, value] of Object.entries(controls)) {
    for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      show(control, value);
      refresh(control);
      markValid(control);
    }
  }
}

function markValid(control) {
  const error = control.closest(".field").querySelector(".field-error");
  error.textContent = "";
  control.removeAttribute("aria-invalid");
}

function useExample(event) {
  const link = event.target.closest("[data-example]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const examples = JSON.parse(document.querySelector("#example-values").textContent);
  const example = examples[Number(link.dataset.example)];
  fill(example.controls);
  for (const group of form.querySelectorAll("details.group")) group.open = example.open.includes(group.id);
  form.querySelector("[data-say]").textContent = form.dataset.filled;
  form.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
}

// The server answered with one field's error, empty when all is well.
function showVerdict(event) {
  const error = event.detail.elt;
  if (!error.classList?.contains("field-error")) return;
  for (const control of error.closest(".field").querySelectorAll("input, textarea, select")) {
    if (error.textContent.trim()) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}

function typed(event) {
  const control = event.target;
  refresh(control);
  // A field that was found wrong is looked at again while it is corrected; others only when they are left.
  if (control.getAttribute("aria-invalid")) control.dispatchEvent(new CustomEvent("recheck", { bubbles: true }));
}

// The browser cannot show what is wrong inside a folded group.
function unfold(event) {
  const group = event.target.closest("details.group");
  if (group) group.open = true;
}

function runByKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) form.requestSubmit();
}

// One press is one run, also on a slow line. Coming back with the back button makes the form usable again.
function lock() {
  setTimeout(() => { form.querySelector("button[type=submit]").disabled = true; });
}

function unlock() {
  const button = form.querySelector("button[type=submit]");
  button.disabled = "unavailable" in button.dataset;
}

if (/Mac|iPhone|iPad/.test(navigator.platform)) form.querySelector("[data-keys]").textContent = "⌘ ↵";
form.querySelectorAll("textarea, input").forEach(refresh);
form.addEventListener("input", typed);
form.addEventListener("change", choose);
form.addEventListener("keydown", runByKey);
form.addEventListener("submit", lock);
form.addEventListener("invalid", unfold, true);
window.addEventListener("pageshow", unlock);
document.addEventListener("click", useExample);
document.body.addEventListener("htmx:load", showVerdict);
document.querySelector("[data-focus]")?.focus();
