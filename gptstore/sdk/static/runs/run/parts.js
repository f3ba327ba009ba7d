// Small parts of a run's page that events change.

export function showStarted(run) {
  run.dataset.status = "running";
  const pill = run.querySelector("[data-pill]");
  pill.className = "pill running";
  pill.textContent = pill.dataset.running;
  run.querySelector("[data-queue]")?.remove();
}

export function showProgress(run, { done, total, message }) {
  const box = run.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  box.hidden = false;
  box.querySelector("[data-progress-message]").textContent = message ?? "";
  box.querySelector("[data-progress-count]").textContent = total ? `${done} / ${total}` : "";
  bar.max = total || 1;
  bar.value = done;
}

export function addLog(run, message) {
  const box = run.querySelector("[data-log]");
  const lines = box.querySelector("ol");
  const line = document.createElement("li");
  line.dir = "auto";
  line.textContent = message;
  box.hidden = false;
  lines.append(line);
  lines.scrollTop = lines.scrollHeight;
}

export function clearLog(run) {
  run.querySelector("[data-log] ol").replaceChildren();
}
