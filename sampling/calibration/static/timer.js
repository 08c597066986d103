// The timer of the talk, by the server's clock: minutes and seconds, which are not read aloud; its end is said once.

import { h, text } from "./dom.js";

/** Returns {element, show(until)}; `until` is a moment, UTC, or "". @param {any} api @param {(words: string) => void} say */
export function create_timer(api, say) {
  const figures = h("span", { class: "cal-clock", role: "timer", "aria-live": "off" });
  const element = h("p", { class: "cal-timer", hidden: true }, "Time to talk: ", figures);
  let ahead = 0; // milliseconds that this computer's clock is ahead of the server's
  let end = "";
  let running = 0;
  let told = "";

  function tick() {
    const left = Math.max(0, Math.ceil((Date.parse(end) + ahead - Date.now()) / 1000));
    text(figures, left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "Time is up");
    if (left) return;
    clearInterval(running);
    if (told !== end) say("Time is up.");
    told = end;
  }

  async function show(until) {
    if (until === end) return;
    end = until;
    clearInterval(running);
    element.hidden = !until;
    if (!until) return;
    try {
      ahead = Date.now() - Date.parse((await api.get("api/heartbeat")).now);
    } catch {
      // the clocks are then taken to agree
    }
    if (until !== end) return;
    tick();
    running = setInterval(tick, 250);
  }

  return { element, show };
}
