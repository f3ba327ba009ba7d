// The reply to an answer: Ctrl+Enter sends it, and one press is one run. The form comes with the final state of the page.

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

export function watchReply(run) {
  nameKeys(run);
  new MutationObserver(() => nameKeys(run)).observe(run, { childList: true });
  run.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) event.target.closest("#reply")?.requestSubmit();
  });
  run.addEventListener("submit", (event) => {
    const form = event.target.closest("#reply");
    if (form) setTimeout(() => { form.querySelector("button").disabled = true; });
  });
  window.addEventListener("pageshow", () => {
    const button = run.querySelector("#reply button");
    if (button) button.disabled = false;
  });
}

function nameKeys(run) {
  const keys = run.querySelector("#reply [data-keys]");
  if (keys && IS_APPLE) keys.textContent = "⌘ ↵";
}
