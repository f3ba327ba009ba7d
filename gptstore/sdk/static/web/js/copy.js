// Copy buttons: <button data-copy="#element" data-copied="Copied">, which copies a field's value or an element's text.

export async function copyOnClick(event) {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  if (!source) return;
  await writeText(source.value ?? source.textContent);
  sayCopied(button);
}

async function writeText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Plain HTTP off this machine has no clipboard API.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

function sayCopied(button) {
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = (button.dataset.label ??= label.textContent);
  label.textContent = button.dataset.copied;
  clearTimeout(button.copiedTimer);
  button.copiedTimer = setTimeout(() => { label.textContent = before; }, 2000);
}
