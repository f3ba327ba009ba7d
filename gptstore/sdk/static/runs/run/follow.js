// Follows a stream of events. The browser reconnects by itself with the id of the last event; when it has given up, we start over.

const AGAIN_MS = 3000;

/**
 * Calls `handlers[name](data)` for each event, `onAway(true | false)` when the line is lost or back, and `onFresh()` when
 * all events are about to come once more. Returns a function that stops it.
 */
export function follow(url, handlers) {
  const names = Object.keys(handlers).filter((name) => !/^on[A-Z]/.test(name));
  let source = null;
  let timer = null;

  function open() {
    source = new EventSource(url);
    source.addEventListener("open", () => handlers.onAway(false));
    source.addEventListener("error", lost);
    for (const name of names) source.addEventListener(name, (event) => receive(name, event));
  }

  function receive(name, event) {
    if (name === "finished") stop();
    handlers[name](JSON.parse(event.data));
  }

  function lost() {
    handlers.onAway(true);
    if (source.readyState !== EventSource.CLOSED) return;
    timer = setTimeout(() => {
      handlers.onFresh();
      open();
    }, AGAIN_MS);
  }

  function stop() {
    clearTimeout(timer);
    source.close();
  }

  open();
  return stop;
}
