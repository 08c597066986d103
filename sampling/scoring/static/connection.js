// Whether the server is there, told by a heartbeat, and what happens when the page is left.

const PATIENCE = 4000;

/**
 * @param {{api: any, save: any, seconds: number}} about
 * @returns {{close: () => void, look: () => Promise<boolean>}} `look` asks at once whether the server is there
 */
export function watch_connection({ api, save, seconds }) {
  async function look() {
    let there = true;
    try {
      await api.get("api/heartbeat", { patience: PATIENCE });
    } catch {
      there = false;
    }
    save.beat(there);
    return there;
  }

  const pulse = setInterval(look, seconds * 1000);
  const woken = () => document.visibilityState === "visible" && look(); // the laptop was asleep: its timers were, too
  const before_unload = (event) => {
    if (save.unsaved().length) event.preventDefault();
  };
  const page_hide = () => save.last_words();
  const back = (event) => (event.persisted ? window.location.reload() : save.flush());
  window.addEventListener("online", woken);
  document.addEventListener("visibilitychange", woken);
  window.addEventListener("beforeunload", before_unload);
  window.addEventListener("pagehide", page_hide);
  window.addEventListener("pageshow", back);

  function close() {
    clearInterval(pulse);
    window.removeEventListener("online", woken);
    document.removeEventListener("visibilitychange", woken);
    window.removeEventListener("beforeunload", before_unload);
    window.removeEventListener("pagehide", page_hide);
    window.removeEventListener("pageshow", back);
  }

  return { close, look };
}

/**
 * Says that a page is open, for as long as it is, so that another page of the same person leaves its unsent changes to it.
 * Returns the names of the other open pages. Where the browser has no locks every page sends what it finds: the same id twice is one entry.
 * @param {string} tab
 * @returns {Promise<Set<string>>}
 */
export async function other_pages(tab) {
  const prefix = "sampling.page.";
  if (!navigator.locks) return new Set();
  try {
    const { held } = await navigator.locks.query();
    navigator.locks.request(prefix + tab, () => new Promise(() => {})).catch(() => {});
    return new Set(held.map((lock) => lock.name).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)));
  } catch {
    return new Set();
  }
}
