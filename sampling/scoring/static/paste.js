// Where no words of a case are kept here: the words that stay on this page, and the text of them to put into the case system.

import { button, field, h, text } from "./dom.js";
import { line_length } from "./texts.js";

export const ON_THIS_PAGE = "Words on this page are kept nowhere else: put them into the case system.";
export const LEAVE = "Words on this page are kept nowhere else. Copy them into the case system first.";
const PASTED = ["pasted_into_record", "reference"];

/** The words of one screen that stay on the page, by a key of their field. `changed` runs after each change. @param {() => void} changed */
export function create_words(changed = () => {}) {
  const kept = new Map();
  let archived = 0;
  return {
    get: (key) => kept.get(key)?.said ?? "",
    set(key, label, said) {
      if (said.trim()) kept.set(key, { label, said });
      else kept.delete(key);
      changed();
    },
    /** What was sent stays in the text to be pasted, and leaves its field. */
    archive(key) {
      if (!kept.has(key)) return;
      archived += 1;
      kept.set(`sent ${archived}`, kept.get(key));
      kept.delete(key);
    },
    lines: () => [...kept.values()].map(({ label, said }) => `${label}: ${said.trim()}`),
  };
}

/**
 * The text for the case system, with the way to copy it: {element, draw, at_risk}. `words()` is the text now, `any()` tells whether there
 * is something that stands nowhere else; `pasted(reference)` is told where it was put, and where it is missing that is not asked.
 */
export function create_paste({ context, words, any, pasted = null, said = () => "" }) {
  const area = h("textarea", { rows: "8", readOnly: true });
  const shown = field({ label: "Text for the case system", control: area });
  const line = h("input", { type: "text", maxlength: line_length(context, PASTED), autocomplete: "off" });
  const reference = field({ label: "Where it stands in the case system (for example the note's number)", control: line });
  const state = h("p", { role: "status" });
  let put = ""; // the text as it was when it was put there

  async function copy() {
    area.value = words();
    try {
      await navigator.clipboard.writeText(area.value);
      text(state, `Copied. Paste it into the case system, then say ${pasted ? "where it stands" : "that you have"}.`);
    } catch {
      area.focus();
      area.select();
      text(state, "Press Ctrl+C to copy what is marked.");
    }
  }

  function done() {
    if (pasted) {
      reference.error(line.value.trim() ? "" : "Say where it stands in the case system.");
      if (!line.value.trim()) return line.focus();
    }
    put = words();
    if (pasted) return pasted(line.value.trim());
    return text(state, "Noted. What you write from now on has to be put there once more.");
  }

  function draw({ off = false } = {}) {
    area.value = words();
    if (said()) text(state, said());
    for (const one of element.querySelectorAll("button")) one.disabled = off;
  }

  const element = h(
    "section",
    { class: "sf-section" },
    h("h2", null, "For the case system"),
    h("p", null, "This service keeps no words of a case here. What you write in your own words is on this page alone: copy it before you leave."),
    shown.element,
    h("div", { class: "sf-row" }, button("Copy the text", { run: copy })),
    pasted ? reference.element : null,
    h("div", { class: "sf-row" }, button("I have pasted it", { run: done })),
    state,
  );
  return { element, draw, at_risk: () => any() && words() !== put };
}

/**
 * What a screen needs for words that stay on the page: {words, element, leave, close}. Its text begins with `title()`. Where words are
 * kept, `words` and `element` are null and nothing is at risk.
 */
export function screen_words(context, title) {
  if (context.me.settings.copies !== "references_only") return { words: null, element: null, leave: () => "", close: () => {} };
  const words = create_words(draw);
  const paste = create_paste({ context, words: () => [title(), "", ...words.lines()].join("\n").trim(), any: () => words.lines().length > 0 });
  const guard = guard_unpasted(paste.at_risk);

  function draw() {
    paste.draw();
    paste.element.hidden = words.lines().length === 0;
    context.save.set_aside(paste.at_risk() ? ON_THIS_PAGE : "");
  }

  paste.element.addEventListener("click", draw); // after its buttons: what is pasted is at risk no more
  draw();
  return {
    words,
    element: paste.element,
    leave: () => (paste.at_risk() ? LEAVE : ""),
    close: () => {
      guard();
      context.save.set_aside("");
    },
  };
}

/** Asks before the page is closed while words would be lost by it. Returns what ends that. @param {() => boolean} at_risk */
export function guard_unpasted(at_risk) {
  const guard = (event) => at_risk() && event.preventDefault();
  window.addEventListener("beforeunload", guard);
  return () => window.removeEventListener("beforeunload", guard);
}
