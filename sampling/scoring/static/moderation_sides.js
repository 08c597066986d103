// What a rater chose on one criterion, and the anchors that both read.

import { h } from "./dom.js";
import { day_words } from "./screen_parts.js";

/** Returns the four anchors, the pass line among them. */
export function anchors(row) {
  return h("ol", { class: "ss-anchors", start: "0" }, row.levels.map((words, level) =>
    h("li", { class: level === row.pass_level ? "ss-pass" : "" },
      level === row.pass_level ? h("span", { class: "ss-passline" }, "Pass line: this level and above. ") : null, words)));
}

/** Returns what one rater chose, with its comment and evidence. `heading` is one level below what it stands under. */
export function side(name, answer, heading = "h3") {
  return h("div", { class: "ss-side" },
    h(heading, { class: "ss-side-name" }, name),
    h("p", { class: "ss-level" }, answer.label),
    answer.comment ? h("p", { class: "ss-comment" }, answer.comment) : null,
    answer.evidence.length
      ? h("ul", { class: "ss-evidence" }, answer.evidence.map((one) =>
        h("li", null, `${day_words(one.note_date)}, ${one.note_kind}`, one.quote ? h("q", null, one.quote) : null)))
      : h("p", { class: "sf-muted" }, "No evidence was pointed to."));
}
