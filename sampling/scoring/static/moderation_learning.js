// A rater's own differences, once everything is decided: theirs, the other's, what was settled and why. For learning; nothing changes.

import { button, h, plural } from "./dom.js";
import { mark, section } from "./screen_parts.js";
import { side } from "./moderation_sides.js";

const TONES = { agree: "good", differ_1: "plain", differ_2: "warn", differ_kind: "warn", incomplete: "warn" };

/** Returns the page of one rater's differences. */
export function learning(context, page) {
  const differ = page.rows.filter((row) => row.state !== "agree");
  const agree = page.rows.filter((row) => row.state === "agree");
  return h("div", { class: "sf-page sf-stack ss-screen ss-wide" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, `Your differences: ${page.case_label}`),
      h("p", { class: "ss-lead" }, page.summary),
      h("p", { class: "ss-note" }, page.note)),
    differ.length ? section(`Where you differed (${differ.length})`, differ.map(difference)) : null,
    agree.length
      ? section(`Where you agreed (${agree.length})`, h("details", { class: "ss-more" },
        h("summary", null, `Show ${plural(agree.length, "criterion", "criteria")}`),
        h("ul", null, agree.map((row) => h("li", null, `${row.number}. ${row.title}: ${row.words}`)))))
      : null,
    h("p", null, button("Back to the list", { run: () => context.go("moderation", {}) })));
}

function difference(row) {
  return h("article", { class: "sf-card ss-criterion", "aria-label": row.title },
    h("div", { class: "ss-action-head" }, h("h3", null, `${row.number}. ${row.title}`),
      mark([row.state_label, row.across_label].filter(Boolean).join(", "), row.shape, row.across ? "warn" : TONES[row.state])),
    h("p", null, row.words),
    h("div", { class: "ss-sides" }, side("You", row.mine, "h4"), side("The other rater", row.other, "h4")),
    row.settled
      ? h("p", { class: "ss-settled" }, h("strong", null, "What holds: "), `${row.settled.label.replace(/\.$/, "")}. ${row.settled.reason_label}.`,
        row.settled.note ? ` ${row.settled.note}` : "")
      : null);
}
