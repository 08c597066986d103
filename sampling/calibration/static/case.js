// The invented case as raters read it. Its words go in as text.

import { date_words, h } from "./dom.js";

/** Returns the case: who reads it, the local rules, and its documents in their order. */
export function case_part(found) {
  return h("section", { class: "cal-case", id: "case", tabindex: "0", role: "region", "aria-labelledby": "case-heading" },
    h("h2", { id: "case-heading" }, "The case"),
    h("p", { class: "cal-note" }, found.anonymity),
    found.reader ? h("p", null, found.reader) : null,
    found.local_rules.length ? [h("h3", null, "Local rules"), h("ul", { class: "cal-rules" }, found.local_rules.map((one) => h("li", null, one)))] : null,
    h("h3", null, "Documents"),
    found.documents.map((one) => h("article", { class: "cal-document" },
      h("h4", null, one.kind),
      h("p", { class: "cal-by" }, `${date_words(one.day)} · ${one.author}`),
      h("div", { class: "cal-document-text" }, one.text))));
}

let marked = "";
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const inside = (node) => (node instanceof Element ? node : node?.parentElement)?.closest(".cal-document-text");
  // a tap on a button ends the selection on some telephones, so what was selected last is kept
  if (selection && !selection.isCollapsed && inside(selection.anchorNode) && inside(selection.focusNode)) marked = selection.toString();
});

/** Returns the words of the case that were selected last, once; "" without any. */
export function taken_selection() {
  const words = one_line(marked);
  marked = "";
  document.getSelection()?.removeAllRanges();
  return words;
}

export const one_line = (words) => words.split(/\s+/).filter(Boolean).join(" ");

/** Tells whether words stand in the case as they are. */
export function stands_in(found, words) {
  return found.documents.some((one) => one_line(one.text).includes(words));
}
