// What somebody asked for and what came of it: that supervision does not meet their needs, objections to access, requests for redaction.

import { h } from "./dom.js";
import { decision_form, flag_answer_form } from "./noted_forms.js";
import { forms, take_back } from "./noting.js";
import { day_words, mark } from "./screen_parts.js";

/** Returns flags with their answers; with `answer` each has the form that answers it. */
export function flags(screen, rows, { answer, none }) {
  if (!rows.length) return h("p", { class: "sf-muted" }, none);
  return h("div", { class: "sf-stack" }, rows.map((row) => flag(screen, row, answer)));
}

function flag(screen, row, answer) {
  const own = row.person.key === screen.context.me.person.key;
  return h("article", { class: "ss-item", "aria-label": `Flag: ${row.reason_label}` },
    h("div", { class: "sf-row" }, mark(row.answer ? "Answered" : row.to === "lead" ? "Waits for a lead" : "Waits for the supervisor", row.answer ? "tick" : "clock", row.answer ? "good" : "warn"),
      h("strong", null, row.reason_label)),
    own ? h("p", { class: "sf-muted" }, row.to === "lead" ? "For a lead alone." : `For ${row.supervisor.name}.`) : h("p", { class: "sf-muted" }, `${row.person.name}, supervised by ${row.supervisor.name}.`),
    row.note ? h("p", { class: "ss-comment" }, row.note) : null,
    row.answer ? h("p", null, h("strong", null, "Answer: "), `${row.answer.outcome_label}. ${row.answer.note}`) : null,
    own && !row.answer ? take_back(screen, row, { kind: "needs_flagged", fields: ["flag", "person", "supervisor", "to", "reason", "note"], what: `${row.reason_label}.`, at: "needs" }) : null,
    answer ? forms(screen, [{
      act: `answer|${row.flag}`, label: row.answer ? "Answer again" : "Answer", name: `${row.answer ? "Answer again" : "Answer"}: ${row.reason_label}`,
      draft: `needs_answer|${row.flag}`, make: (leave) => flag_answer_form(screen, row, leave),
    }]) : null);
}

/** Returns objections and requests with their state; with `decide` each has the form that says what was decided. */
export function objections(screen, rows, { decide }) {
  if (!rows.length) return h("p", { class: "sf-muted" }, "None was made.");
  return h("div", { class: "sf-stack" }, rows.map((row) => objection(screen, row, decide)));
}

function objection(screen, row, decide) {
  const own = row.person.key === screen.context.me.person.key;
  const { decision } = row;
  return h("article", { class: "ss-item", "aria-label": `${row.about_label}, asked ${day_words(row.asked_on)}` },
    h("div", { class: "sf-row" }, mark(row.state_label, decision ? "tick" : "clock", decision ? "plain" : "warn"), h("strong", null, row.about_label)),
    h("p", { class: "sf-muted" }, `${own ? "Asked" : `${row.person.name} asked`} ${day_words(row.asked_on)}${row.of ? ", about one session or review" : ", about the whole record"}.`),
    row.note ? h("p", { class: "ss-comment" }, row.note) : null,
    decision
      ? h("p", null, h("strong", null, `${decision.decision_label}. `), `${decision.reason_label}. ${decision.decided_by}, ${day_words(decision.decided_on)}.`)
      : null,
    own && !decision ? take_back(screen, row, { kind: "objection_raised", fields: ["objection", "person", "about", "of", "note"], what: `${row.about_label}.`, at: "objection" }) : null,
    decide ? forms(screen, [{
      act: `decide|${row.objection}`, label: decision ? "Change the decision" : "Note the decision", name: `${decision ? "Change" : "Note"} the decision: ${row.about_label}, ${row.person.name}`,
      draft: `decision|${row.objection}`, make: (leave) => decision_form(screen, row, leave),
    }]) : null);
}
