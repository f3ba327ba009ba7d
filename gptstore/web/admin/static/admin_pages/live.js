// Keeps a page of the admin up to date: fetches its region every few seconds and replaces the parts that changed.
// What a person has opened, focused or selected stays as it is, unless the server says it differently.

const page = document.querySelector("[data-live]");
const region = page.querySelector("[data-region]");
const stale = page.querySelector("[data-stale]");
const received = new WeakMap();

const partsOf = (section) => [...section.querySelectorAll("[data-part]")];
const namesOf = (parts) => parts.map((part) => part.dataset.part).join(" ");

function note(element) {
  received.set(element, element.innerHTML);
  partsOf(element).forEach((part) => received.set(part, part.innerHTML));
}

function replace(shown, fresh) {
  if (received.get(shown) === fresh.innerHTML) return;
  const focused = shown.contains(document.activeElement) ? document.activeElement.dataset.part : null;
  shown.innerHTML = fresh.innerHTML;
  note(shown);
  if (focused) partsOf(shown).find((part) => part.dataset.part === focused)?.focus();
}

function update(fresh) {
  for (const section of fresh.querySelectorAll("[data-section]")) {
    const shown = region.querySelector(`[data-section="${section.dataset.section}"]`);
    const [before, after] = [partsOf(shown), partsOf(section)];
    if (!after.length || namesOf(before) !== namesOf(after)) replace(shown, section);
    else after.forEach((part, number) => replace(before[number], part));
  }
}

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(page.dataset.live, { cache: "no-store" });
      if (answer.redirected) return location.reload(); // to the sign-in
      if (!answer.ok) throw new Error(answer.status);
      update(new DOMParser().parseFromString(await answer.text(), "text/html"));
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }
  setTimeout(look, 1000 * page.dataset.every);
}

region.querySelectorAll("[data-section]").forEach(note);
setTimeout(look, 1000 * page.dataset.every);
