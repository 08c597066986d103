// One action as a chain: finding → action → owner → due → evidence → review date, with what was moved and why. Used by every screen that
// lists actions.

import { h, unique_id } from "./dom.js";
import { day_element, day_words, mark, moment_words } from "./screen_parts.js";

const SHAPES = {
  open: ["hollow", "plain"],
  overdue: ["late", "bad"],
  seen: ["begun", "plain"],
  review_overdue: ["late", "bad"],
  closed: ["tick", "good"],
};

/** Returns where an action stands, as a shape and words. */
export function action_state(row) {
  return mark(row.state_label, ...(SHAPES[row.state] ?? SHAPES.open));
}

/** Returns where the evidence of an action stands, in words. */
export function evidence_words(row) {
  return row.evidence ? `Seen ${day_words(row.evidence.seen_on)}: ${row.evidence.reference}` : "Not seen in the record yet";
}

/** Returns the earlier dates of an action, each with its reason: all of them are kept. */
function earlier_dates(row) {
  if (!row.missed.length) return null;
  return h("div", { class: "ss-earlier" },
    h("p", null, row.slipped_words),
    h("ul", null, row.missed.map((one) =>
      h("li", null, one.late ? "Missed: " : "Moved from: ", day_element(one.due), `. Reason, given ${day_words(one.moved_on)}: ${one.reason}`))));
}

function closed_words(row) {
  if (!row.closed) return null;
  const why = row.closed.text ? ` ${row.closed.text}` : "";
  return h("p", { class: "ss-earlier" }, `${row.closed.outcome_label}, ${moment_words(row.closed.at)}.${why}`);
}

/** Returns an action as an article. `more` are the controls and forms that a screen adds; `level` is that of its heading. */
export function action_card(row, ...more) {
  const id = unique_id("action");
  const where = [row.case_label, row.practitioner_label].filter(Boolean).join(", ");
  return h("article", { class: "sf-card ss-action", "aria-labelledby": id, dataset: { action: row.action } },
    h("div", { class: "ss-action-head" },
      h("h3", { id, tabindex: "-1" }, row.action_kind_label, where ? h("span", { class: "ss-where" }, ` ${where}`) : null),
      action_state(row)),
    h("dl", { class: "ss-chain" },
      link("Finding", row.finding),
      link("Action", row.text),
      link("Owner", row.owner),
      link("Due", day_element(row.due)),
      link("Evidence", evidence_words(row)),
      link("Review", day_element(row.review_date))),
    row.linked_words ? h("p", { class: "sf-muted" }, `${row.linked_words}.`) : null,
    earlier_dates(row),
    closed_words(row),
    ...more);
}

function link(term, content) {
  return h("div", null, h("dt", null, term), h("dd", null, content));
}
