// Two values that were written from the same starting point: both are shown, both are kept, and a person says which one stands.

import { h } from "./dom.js";
import { moment_words, save_line, saved } from "./screen_parts.js";

/**
 * Returns a notice with the values of each conflict, or null when there is none. Until a person has chosen, the save loop sends nothing
 * more of that subject. `words(data)` says a value, `title(subject)` says of what, `read()` brings the conflicts anew, `done()` runs after.
 */
export function conflicts_part(context, review, conflicts, about) {
  if (!conflicts?.length) return null;
  const subjects = [...new Set(conflicts.map((one) => one.subject))];
  for (const subject of subjects) context.save.hold(review, subject);
  return h("section", { class: "sf-notice sf-notice-warning ss-conflicts", "aria-label": "Written twice" },
    h("p", null, h("strong", null, "Written twice. "),
      "Two people, or two pages, changed the same thing from the same starting point. Both are kept. Say which one stands."),
    subjects.map((subject) => conflict(context, review, values_of(conflicts, subject), { ...about, subject })));
}

/** Returns the values of a subject, the one that stands now first. */
function values_of(conflicts, subject) {
  const found = conflicts.filter((one) => one.subject === subject);
  return { revision: found[0]?.revision ?? 0, values: [found[0]?.standing, ...found.map((one) => one.other)].filter((one) => one?.id) };
}

function conflict(context, review, { values }, about) {
  const line = save_line();
  return h("fieldset", { class: "ss-choice" }, h("legend", null, about.title(about.subject)),
    values.map((value, place) => h("div", { class: "ss-conflict" },
      h("p", null, about.words(value.data)),
      h("p", { class: "sf-muted" }, [value.actor_label, moment_words(value.at)].filter(Boolean).join(", ")),
      h("button", {
        type: "button", class: "sf-button", "aria-label": `This one stands: ${about.words(value.data)}`,
        on: { click: () => choose(context, review, { ...about, chosen: value.id, last: place === values.length - 1, line }) },
      }, "This one stands"))),
    line.element);
}

/** What was typed meanwhile is stored beside the others first, so that the choice loses nothing; it is meant by the last of them. */
async function choose(context, review, { subject, chosen, last, line, read, done }) {
  line.saving();
  try {
    await context.save.release(review, subject);
    const { revision, values } = values_of(await read(), subject);
    const stands = last ? values.at(-1) : values.find((one) => one.id === chosen);
    context.save.known(review, subject, revision);
    for (const loser of values.filter((one) => one !== stands)) {
      const event = { kind: "conflict_resolved", review, subject, data: { chosen: stands.id, instead_of: loser.id } };
      if (!(await saved(context, line, event))) return;
    }
  } catch (error) {
    line.refused([error.message]);
    return;
  }
  await done();
}
