// Tells screen readers what happens: changes of the status at once, the answer in whole sentences and not too often.

const READ_EVERY_MS = 4000;
const PROGRESS_EVERY_MS = 10000;
const PLACE_EVERY_MS = 30000;
const SENTENCE_END = /[.!?。！？\n][\s"”')\]]*/gu;

export class Announcer {
  constructor(run) {
    this.run = run;
    this.readSoFar = 0;
    this.timer = null;
    this.progressAt = 0;
    this.place = null;
    this.placeAt = 0;
  }

  say(key) {
    this.put("[role=status][data-say]", this.run.dataset[`say${key[0].toUpperCase()}${key.slice(1)}`] ?? "");
  }

  progress(message) {
    const now = performance.now();
    if (!message || now - this.progressAt < PROGRESS_EVERY_MS) return;
    this.progressAt = now;
    this.put("[role=status][data-say]", message);
  }

  // The place in the queue: the first one can be read in the page itself, later ones are said when they are others.
  queue(place) {
    const now = performance.now();
    const first = this.place === null;
    if (!place || place === this.place || (!first && now - this.placeAt < PLACE_EVERY_MS)) return;
    this.place = place;
    this.placeAt = now;
    if (!first) this.put("[role=status][data-say]", place);
  }

  // What was there when the page was opened can be read in the page itself.
  skip(length) {
    this.readSoFar = length;
  }

  read(text) {
    this.text = text;
    this.timer ??= setTimeout(() => this.readSentences(), READ_EVERY_MS);
  }

  readSentences() {
    this.timer = null;
    const fresh = this.text.slice(this.readSoFar);
    const ends = [...fresh.matchAll(SENTENCE_END)];
    if (!ends.length) return;
    const end = ends.at(-1).index + ends.at(-1)[0].length;
    this.readSoFar += end;
    this.put("[data-read]", fresh.slice(0, end));
  }

  forget() {
    this.readSoFar = 0;
    this.say("reset");
  }

  end(status, text) {
    clearTimeout(this.timer);
    const rest = text.slice(this.readSoFar);
    if (rest.trim()) this.put("[data-read]", rest);
    this.say(status);
  }

  put(selector, text) {
    const line = document.createElement("p");
    line.textContent = text;
    this.run.querySelector(selector).replaceChildren(line);
  }
}
