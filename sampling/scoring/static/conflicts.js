// Two values that were written from the same starting point: both are shown, both are kept, and a person says which one stands.

import { h } from "./dom.js";
import { moment_words, save_line, saved } from "./screen_parts.js";

/** Returns a notice with the two values of each conflict, or null when there is none. `words(data)` says a value; `title(subject)` says of what. */
export function conflicts_part(context, review, conflicts, { words, title, done }) {
  if (!conflicts?.length) return null;
  return h("section", { class: "sf-notice sf-notice-warning ss-conflicts", "aria-label": "Written twice" },
    h("p", null, h("strong", null, "Written twice. "),
      "Two people, or two pages, changed the same thing from the same starting point. Both are kept. Say which one stands."),
    conflicts.map((one) => conflict(context, review, one, { words, title, done })));
}

function conflict(context, review, one, { words, title, done }) {
  const line = save_line();
  const choose = async (chosen, instead_of) => {
    const base = Math.max(one.revision, context.save.revision(review, one.subject));
    context.save.known(review, one.subject, base);
    const event = { kind: "conflict_resolved", review, subject: one.subject, data: { chosen: chosen.id, instead_of: instead_of.id } };
    if (await saved(context, line, event)) await done();
  };
  return h("fieldset", { class: "ss-choice" }, h("legend", null, title(one.subject)),
    [[one.standing, one.other], [one.other, one.standing]].map(([value, instead]) =>
      h("div", { class: "ss-conflict" },
        h("p", null, words(value.data)),
        h("p", { class: "sf-muted" }, [value.actor_label, moment_words(value.at)].filter(Boolean).join(", ")),
        h("button", { type: "button", class: "sf-button", on: { click: () => choose(value, instead) } }, "This one stands"))),
    line.element);
}
