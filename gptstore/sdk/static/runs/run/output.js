// The answer: a head that the server drew as its kind, and a plain tail with what came after it. A table and a file have
// no such tail: what they are stored as is not for people.

const DRAW_MS = 700;
const FIRST_DRAW_MS = 100;
const NEAR_END_PX = 48;
const DRAWN_ONLY = new Set(["table", "file"]);
const GROWS = new Set("div p ul ol li blockquote pre code h3 h4 h5 h6 table thead tbody tr th td".split(" "));

export class Output {
  constructor(run, { onText, onTokens }) {
    this.url = run.dataset.output;
    this.box = run.querySelector("#output");
    this.head = run.querySelector("[data-head]");
    this.tail = run.querySelector("[data-tail]");
    this.caret = run.querySelector("[data-caret]");
    this.rest = run.querySelector("[data-rest]");
    this.raw = run.querySelector("#output-raw");
    this.isText = !DRAWN_ONLY.has(run.dataset.kind);
    this.onText = onText;
    this.onTokens = onTokens;
    this.text = "";
    this.covered = this.coverage(this.head);
    // So much is on the page already. Events come from the beginning: less than this is never drawn.
    this.known = this.covered + this.tail.textContent.length;
    this.epoch = 0;
    this.drawEvery = FIRST_DRAW_MS;
    this.timer = null;
    this.shown = false;
    this.placeTail();
  }

  append(text) {
    this.text += text;
    this.draw();
    this.askSoon();
  }

  // The run starts over: what was said before does not count any more.
  reset() {
    this.epoch += 1;
    this.text = "";
    this.covered = 0;
    this.known = 0;
    this.head.replaceChildren();
    this.placeTail();
    this.draw();
  }

  // All events come again: the head stays, and covers what it covers.
  replay() {
    this.known = Math.max(this.known, this.text.length);
    this.text = "";
  }

  stop() {
    this.epoch += 1;
    clearTimeout(this.timer);
    this.drawNow();
  }

  // Many tokens may come between two frames; they are drawn at once.
  draw() {
    if (this.shown) return;
    this.shown = true;
    requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    this.shown = false;
    if (this.text.length < this.known) return;
    this.known = 0;
    const follows = this.isAtEnd();
    this.drawTail();
    if (this.isText) this.raw.value = this.text;
    if (follows) this.box.scrollTop = this.box.scrollHeight;
    this.onText(this.readable());
  }

  drawTail() {
    if (this.isText) this.tail.textContent = this.text.slice(this.covered);
  }

  // What can be read aloud.
  readable() {
    return this.isText ? this.text : "";
  }

  isAtEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_END_PX;
  }

  askSoon() {
    this.timer ??= setTimeout(() => this.ask(), this.drawEvery);
  }

  async ask() {
    const epoch = this.epoch;
    this.drawEvery = DRAW_MS;
    const asked = this.text.length;
    try {
      const answer = await fetch(this.url);
      if (answer.ok && !answer.redirected) this.receive(await answer.text(), epoch);
    } catch {
      // The stream says so too when the line is lost; the tail goes on without the server's drawing.
    }
    this.timer = null;
    if (epoch === this.epoch && this.text.length > asked) this.askSoon();
  }

  receive(html, epoch) {
    if (epoch !== this.epoch) return;
    const drawn = new DOMParser().parseFromString(html, "text/html").body;
    this.onTokens(Number(drawn.firstElementChild.dataset.tokenCount));
    if (this.isSelectedIn() || this.coverage(drawn) === this.covered) return;
    const follows = this.isAtEnd();
    this.covered = this.coverage(drawn);
    this.head.replaceChildren(...drawn.childNodes);
    this.drawTail();
    this.placeTail();
    if (follows) this.box.scrollTop = this.box.scrollHeight;
  }

  // The tail goes on where the head stops: in the middle of a line within its paragraph, list entry or cell.
  placeTail() {
    let place = this.head.firstElementChild;
    if (place?.dataset.open !== "true") place = this.rest;
    else while (GROWS.has(place.lastElementChild?.localName)) place = place.lastElementChild;
    place.append(this.tail, this.caret);
  }

  coverage(element) {
    return Number(element.firstElementChild?.dataset.length ?? 0);
  }

  // Drawing anew would take away what a person is marking.
  isSelectedIn() {
    const selection = getSelection();
    return !selection.isCollapsed && this.box.contains(selection.anchorNode);
  }
}
