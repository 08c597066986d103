// Active time on a review: seconds with the focus here and a key or the pointer within the last minute. Never shown while scoring; later
// to the rater alone (docs/decisions/0011-no-word-is-lost.md).

const IDLE = 60_000;

/** @param {HTMLElement} root @param {{save: any, review: string, counts: boolean}} about `counts`: the person works on it, and does not just read */
export function watch_time(root, { save, review, counts }) {
  let seconds = 0;
  let touched = performance.now();
  const touch = () => {
    touched = performance.now();
  };
  const pulse = setInterval(() => {
    if (counts && document.hasFocus() && performance.now() - touched < IDLE) seconds += 1;
  }, 1000);

  /** Hands in the seconds since the last time; what waits unsent is added to, not replaced. */
  function put() {
    if (seconds === 0) return;
    const unsent = save.waiting().find((change) => change.review === review && change.subject === "time" && !change.sent);
    save.put({ kind: "time_spent", review, subject: "time", data: { seconds: seconds + (unsent?.data.seconds ?? 0) } });
    seconds = 0;
  }

  const events = ["keydown", "pointerdown", "pointermove", "wheel"];
  for (const event of events) root.addEventListener(event, touch, { capture: true, passive: true });
  window.addEventListener("pagehide", put, { capture: true }); // before the save loop's last words

  return {
    put,
    close: () => {
      put();
      clearInterval(pulse);
      for (const event of events) root.removeEventListener(event, touch, { capture: true });
      window.removeEventListener("pagehide", put, { capture: true });
    },
  };
}
