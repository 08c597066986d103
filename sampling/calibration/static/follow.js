// Following one view of a session: by a stream of the server, and where that breaks by asking again until it is there.

const AGAIN = 3000; // milliseconds between two tries

/**
 * Shows a view now and whenever it changes.
 * @param {any} api
 * @param {string} path of the view, such as "api/wall/<session>"
 * @param {{show: (view: any) => void, lost: (words: string) => void, back: () => void, ended: (words: string) => boolean}} on
 *   `lost`: no answer for now. `back`: answers again. `ended`: the server refuses this page; returns whether it is worth asking again.
 */
export function follow(api, path, { show, lost, back, ended }) {
  let source = null;
  let timer = 0;
  let asking = false;
  let missed = false;
  let broke = -AGAIN; // when the last stream did

  function listen() {
    source?.close();
    source = new EventSource(api.address(`${path}/stream`));
    source.onmessage = (event) => arrived(JSON.parse(event.data));
    source.onerror = () => {
      source.close();
      source = null;
      broke = Date.now();
      ask();
    };
  }

  function arrived(view) {
    if (missed) back();
    missed = false;
    show(view);
  }

  function missing(words) {
    missed = true;
    lost(words);
  }

  function later(wait = AGAIN) {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }

  async function ask() {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    try {
      arrived(await api.get(path));
      if (source) return;
      if (Date.now() - broke < AGAIN) later(); // a server that gives this page no stream is asked again and again
      else listen();
    } catch (error) {
      if (error.passing) {
        missing(error.status ? error.message : "");
        later(Math.max(error.retry, AGAIN));
      } else {
        missed = true;
        if (ended(error.message)) later();
        else source?.close();
      }
    } finally {
      asking = false;
    }
  }

  function wake() {
    source?.close();
    source = null;
    ask();
  }

  // a telephone that slept may hold a stream that is dead and does not know it
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  addEventListener("online", wake);
  ask();
}
