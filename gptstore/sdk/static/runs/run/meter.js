// Seconds that the run takes, its tokens, and tokens per second.

export class Meter {
  constructor(run) {
    this.elapsed = run.querySelector("[data-elapsed]");
    this.count = run.querySelector("[data-tokens]");
    this.rate = run.querySelector("[data-rate]");
    this.timer = null;
    const before = run.dataset.elapsedSeconds;
    if (before !== undefined) this.start(Number(before));
  }

  start(secondsBefore = 0) {
    this.began = performance.now() - secondsBefore * 1000;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), 200);
  }

  stop() {
    clearInterval(this.timer);
  }

  get seconds() {
    return (performance.now() - this.began) / 1000;
  }

  tick() {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    this.elapsed.textContent = `${this.seconds.toLocaleString(document.documentElement.lang, digits)} ${this.elapsed.dataset.unit}`;
  }

  tokens(count) {
    this.count.textContent = count.toLocaleString(document.documentElement.lang);
    if (count && this.began !== undefined) {
      this.rate.textContent = (count / this.seconds).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    }
  }
}
