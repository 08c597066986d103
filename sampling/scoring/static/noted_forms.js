// The forms of what is noted for coverage: absences, reasons of delays, exemptions, agreed intervals, agreements, appraisals, the folder,
// training, and whether supervision meets somebody's needs. Each says what is missing beside its field.

import { h, select } from "./dom.js";
import { choice, control } from "./action_forms.js";
import { noting_form } from "./noting.js";
import { text_field } from "./texts.js";

const MOST = 99; // days, weeks or months between two sessions
const CHOOSE = "Choose";

export const date_field = (label, value = "", hint = "") => control(label, h("input", { type: "date", value: value ?? "" }), hint);
const list_field = (label, options, value = "", hint = "") => control(label, select(options, { value, empty: CHOOSE }), hint);

function line_field(context, of, label, value = "", hint = "") {
  return text_field(context, of, { label, line: true, value, hint });
}

/** The two days of a span: {first, last}. */
function span(words, row) {
  return {
    first: date_field(words[0], row?.first),
    last: date_field(words[1], row?.last, words[2]),
  };
}

function span_faults({ first, last }) {
  return {
    ...(first ? {} : { first: "Give the first day." }),
    ...(first && last && last < first ? { last: "The last day cannot be before the first." } : {}),
  };
}

const needs = (given, sentences) => Object.fromEntries(Object.entries(sentences).filter(([name]) => !given[name]?.trim()));
const past = (context, given, name, sentence) => (!given[name] ? { [name]: sentence } : given[name] > context.today() ? { [name]: "That day is still to come." } : {});
const days = ({ first, last }) => ({ first, last: last || null });
const AWAY = ["First day away", "Last day away", "Leave it empty while the end is not known."];
const LATE = ["Late from", "Late until (optional)", "Empty: for that day alone."]; // one day, where there is no other
const EXEMPT = ["Exempt from", "Exempt until (optional)", "Empty: until it is taken back."];
const AGREED = ["From", "Until (optional)", "Empty: until it is taken back."];

/** Somebody is away. Why is not asked. */
export function absence_form(screen, person, row, leave) {
  return noting_form(screen, {
    title: row ? "Change the absence" : "Note an absence",
    name: `absence|${row?.absence ?? person}`, at: "absence", submit: "Save the absence",
    notes: [h("p", { class: "ss-hint" }, "Days alone. Why somebody is away is not asked, and has no place here.")],
    fields: span(AWAY, row),
    check: span_faults,
    event: (given, id) => {
      const absence = row?.absence ?? id;
      return { kind: "absence_noted", subject: `absence:${absence}`, revision: row?.revision, data: { absence, person, ...days(given) } };
    },
  }, leave);
}

/** Why a session with somebody is late. */
export function delay_form(screen, person, leave) {
  return noting_form(screen, {
    title: "Note why a session is late",
    name: `delay|${person}`, at: "delay", submit: "Save the reason",
    fields: { reason: list_field("Why is it late?", screen.page.choices.delay_reasons), ...span(LATE) },
    check: (given) => ({ ...needs(given, { reason: "Choose the reason." }), ...span_faults(given) }),
    event: ({ reason, ...given }, delay) => ({ kind: "delay_noted", subject: `delay:${delay}`, data: { delay, person, reason, ...one_day(given) } }),
  }, leave);
}

const one_day = ({ first, last }) => ({ first, last: last || first });

function case_field(screen) {
  const cases = screen.page.cases.map((row) => ({ code: row.case, label: row.case_label }));
  return control("Which case?", select(cases, { value: cases.length === 1 ? cases[0].code : "", empty: "Choose a case" }));
}

/** Why a case is discussed late. */
export function case_delay_form(screen, person, leave) {
  return noting_form(screen, {
    title: "Note why a case is discussed late",
    name: `case_delay|${person}`, at: "case_delay", submit: "Save the reason",
    fields: { case: case_field(screen), reason: list_field("Why is it late?", screen.page.choices.delay_reasons), ...span(LATE) },
    check: (given) => ({ ...needs(given, { case: "Say which case it is about.", reason: "Choose the reason." }), ...span_faults(given) }),
    event: ({ case: about, reason, ...given }, delay) => ({ kind: "case_delay_noted", subject: `case_delay:${delay}`, data: { delay, case: about, reason, ...one_day(given) } }),
  }, leave);
}

/** A case need not be discussed each month: the reason stands in two places, and both are named. */
export function exemption_form(screen, person, leave) {
  const { context } = screen;
  return noting_form(screen, {
    title: "Exempt a case from monthly discussion",
    name: `exemption|${person}`, at: "exemption", submit: "Save the exemption",
    notes: [h("p", { class: "ss-hint" }, "Rare. The reason is written out in the case record and in the supervision record; here stand where, and a word for it.")],
    fields: {
      case: case_field(screen),
      reason: list_field("Why?", screen.page.choices.exemption_reasons),
      ...span(EXEMPT),
      case_reference: line_field(context, ["case_exempted", "case_reference"], "Where in the case record does the reason stand?", "", "Date and kind of note are enough."),
      session_reference: line_field(context, ["case_exempted", "session_reference"], "Where in the supervision record does it stand?", "", "The day of the session is enough."),
    },
    check: (given) => ({
      ...needs(given, {
        case: "Say which case is exempt.", reason: "Choose the reason.",
        case_reference: "Say where the reason stands in the case record. Without it the exemption does not count.",
        session_reference: "Say where the reason stands in the supervision record. Without it the exemption does not count.",
      }),
      ...span_faults(given),
    }),
    event: ({ case: about, reason, case_reference, session_reference, ...given }, exemption) => ({
      kind: "case_exempted", subject: `exemption:${exemption}`,
      data: { exemption, case: about, reason, ...days(given), case_reference: case_reference.trim(), session_reference: session_reference.trim() },
    }),
  }, leave);
}

/** More frequent supervision than the policy asks for: of a person, or with `of_case` of a case. It never lifts the policy's interval. */
export function interval_form(screen, person, of_case, leave) {
  const { context, page } = screen;
  const act = of_case ? "case_interval" : "interval";
  return noting_form(screen, {
    title: of_case ? "Agree to discuss a case more often" : "Agree to meet more often",
    name: `${act}|${person}`, at: act, submit: "Save what was agreed",
    notes: [h("p", { class: "ss-hint" }, "It can only ask for more than the policy does.")],
    fields: {
      ...(of_case ? { case: case_field(screen) } : {}),
      every: control("Every how many?", h("input", { type: "number", min: "1", max: String(MOST), step: "1", inputmode: "numeric" })),
      unit: choice("Days, weeks or months?", page.choices.units, "week"),
      reason: list_field("Why?", page.choices.agreed_reasons.map(({ code, label }) => ({ code, label: label[0].toUpperCase() + label.slice(1) }))),
      ...span(AGREED),
    },
    check: (given) => ({
      ...(of_case ? needs(given, { case: "Say which case it is about." }) : {}),
      ...(Number.isInteger(Number(given.every)) && given.every >= 1 && given.every <= MOST ? {} : { every: `Give a whole number from 1 to ${MOST}.` }),
      ...needs(given, { reason: "Choose the reason." }), ...span_faults(given),
    }),
    event: ({ case: about, every, unit, reason, ...given }, agreed) => ({
      kind: of_case ? "case_interval_agreed" : "interval_agreed", subject: `${act}:${agreed}`,
      data: { agreed, ...(of_case ? { case: about } : { person }), every: Number(every), unit, reason, ...days(given) },
    }),
  }, leave);
}

/** A supervision agreement lies ready for both to sign. Its words are kept where the reference says. */
export function agreement_form(screen, person, row, leave) {
  const { context } = screen;
  return noting_form(screen, {
    title: row ? "Change the agreement" : "Draw up an agreement",
    name: `agreement|${row?.agreement ?? person}`, at: "Supervision agreement", submit: "Save, so that both can sign",
    fields: {
      reference: line_field(context, ["agreement_drafted", "reference"], "Where is its text kept?", row?.reference, "Both of you must be able to read it there before you sign."),
      drafted_on: date_field("Drawn up on", row?.drafted_on ?? context.today()),
    },
    check: (given) => ({ ...needs(given, { reference: "Say where the text of the agreement is kept." }), ...past(context, given, "drafted_on", "Give the day.") }),
    event: ({ reference, drafted_on }, id) => {
      const agreement = row?.agreement ?? id;
      return {
        kind: "agreement_drafted", subject: `agreement:${agreement}`, revision: row?.revision,
        data: { agreement, person, supervisor: context.me.person.key, drafted_on, reference: reference.trim() },
      };
    },
  }, leave);
}

/** Both look at their agreement again, and keep it. */
export function review_form(screen, row, leave) {
  const { context } = screen;
  return noting_form(screen, {
    title: "You have reviewed it together, and keep it",
    name: `agreement_review|${row.agreement}`, at: "Supervision agreement", submit: "Save the review",
    notes: [h("p", { class: "ss-hint" }, "To change anything in it, draw up another one.")],
    fields: { on: date_field("Reviewed on", context.today()) },
    check: (given) => past(context, given, "on", "Give the day on which you reviewed it."),
    event: ({ on }, review) => ({
      kind: "agreement_reviewed", subject: `agreement_review:${row.agreement}/${review}`,
      data: { agreement: row.agreement, review, person: row.person, on },
    }),
  }, leave);
}

/** An appraisal was held on a day. */
export function appraisal_form(screen, person, leave) {
  return noting_form(screen, {
    title: "Note an appraisal",
    name: `appraisal|${person}`, at: "appraisal", submit: "Save the day",
    fields: { on: date_field("Held on") },
    check: (given) => past(screen.context, given, "on", "Give the day."),
    event: ({ on }, appraisal) => ({ kind: "appraisal_held", subject: `appraisal:${appraisal}`, data: { appraisal, person, on } }),
  }, leave);
}

/** A supervisor was trained in supervision on a day; of several it asks whom. */
export function training_form(screen, people, at, leave) {
  const several = people.length > 1;
  return noting_form(screen, {
    title: "A day of training in supervision",
    name: `trained|${several ? "all" : people[0].code}`, at, submit: "Save the day",
    fields: { ...(several ? { person: control("Who?", select(people, { empty: "Choose a person" })) } : {}), on: date_field("Trained on") },
    check: (given) => ({ ...(several ? needs(given, { person: "Say who was trained." }) : {}), ...past(screen.context, given, "on", "Give the day.") }),
    event: ({ person = people[0].code, on }, training) => ({ kind: "supervisor_trained", subject: `trained:${training}`, data: { training, person, on } }),
  }, leave);
}

/** An item of the worker's folder is up to date, or missing. */
export function folder_form(screen, person, leave) {
  const { context, page } = screen;
  const chosen = (item) => page.folder.find((row) => row.item === item);
  return noting_form(screen, {
    title: "Note an item of the folder",
    name: `folder|${person}`, at: "folder", submit: "Save",
    fields: {
      item: list_field("Which item?", page.folder.map((row) => ({ code: row.item, label: row.label }))),
      on: date_field("Up to date on", context.today(), "Empty: it is missing."),
    },
    check: (given) => ({ ...needs(given, { item: "Choose the item." }), ...(given.on ? past(context, given, "on", "") : {}) }),
    event: ({ item, on }) => ({ kind: "folder_checked", subject: `folder:${person}/${item}`, revision: chosen(item).revision, data: { person, item, on: on || null } }),
  }, leave);
}

/** A supervisee says that supervision does not meet their needs. */
export function flag_form(screen, leave) {
  const { context, page } = screen;
  const supervisors = page.supervisors.map(({ key, name }) => ({ code: key, label: name }));
  const fields = {
    reason: list_field("What does not fit?", page.choices.needs_reasons),
    supervisor: control("Supervision with whom?", select(supervisors, { value: supervisors.length === 1 ? supervisors[0].code : "", empty: "Choose a person" })),
    to: choice("Who should answer it?", [{ code: "supervisor", label: "My supervisor" }, { code: "lead", label: "A lead, without my supervisor reading it" }]),
    note: text_field(context, ["needs_flagged", "note"], { label: "In your own words (optional)", about: "Supervision does not meet my needs", rows: 3, words: screen.aside.words }),
  };
  return noting_form(screen, {
    title: "Supervision does not meet my needs",
    name: "needs", at: "needs", submit: "Send it", fields,
    check: (given) => needs({ ...given, to: given.to ?? "" }, {
      reason: "Choose what does not fit.", supervisor: "Say with whom.", to: "Say who should answer it.",
    }),
    event: ({ reason, supervisor, to, note }, flag) => ({
      kind: "needs_flagged", subject: `needs:${flag}`,
      data: { flag, person: context.me.person.key, supervisor, to, reason, note: note?.trim() ?? "" },
    }),
  }, leave);
}

/** What came of such a flag. */
export function flag_answer_form(screen, row, leave) {
  const { context, page } = screen;
  return noting_form(screen, {
    title: "Answer",
    name: `needs_answer|${row.flag}`, at: "Whether supervision meets needs", submit: "Send the answer",
    fields: {
      outcome: choice("What came of it?", page.choices.needs_outcomes, row.answer?.outcome ?? null),
      note: text_field(context, ["needs_answered", "note"], { label: "In your own words (optional)", about: "Answer", rows: 2, words: screen.aside.words, value: row.answer?.note ?? "", hint: `${row.person.name} reads this.` }),
    },
    check: ({ outcome }) => (outcome ? {} : { outcome: "Say what came of it." }),
    event: ({ outcome, note }) => ({
      kind: "needs_answered", subject: `needs_answer:${row.flag}`, revision: row.answer?.revision,
      data: { flag: row.flag, person: row.person.key, outcome, note: note?.trim() ?? "" },
    }),
  }, leave);
}

/** An objection to somebody's access to the own record, or a request to take something out. */
export function objection_form(screen, leave) {
  const { context, page } = screen;
  const own = page.sessions.map((row) => ({ code: row.session, label: `${row.kind_label}, ${row.held_on_label}` }));
  return noting_form(screen, {
    title: "Object, or ask for a redaction",
    name: "objection", at: "objection", submit: "Send it",
    notes: [h("p", { class: "ss-hint" }, "A lead who does not supervise you decides, and says why. You can follow it here.")],
    fields: {
      about: choice("What do you ask for?", page.choices.objections),
      of: control("About which record?", select(own, { empty: "The whole of my supervision record" })),
      note: text_field(context, ["objection_raised", "note"], { label: "In your own words (optional)", about: "Objection", rows: 3, words: screen.aside.words }),
    },
    check: ({ about }) => (about ? {} : { about: "Say what you ask for." }),
    event: ({ about, of, note }, objection) => ({
      kind: "objection_raised", subject: `objection:${objection}`,
      data: { objection, person: context.me.person.key, about, of: of || null, note: note?.trim() ?? "" },
    }),
  }, leave);
}

/** What was decided on an objection. */
export function decision_form(screen, row, leave) {
  const { context, page } = screen;
  return noting_form(screen, {
    title: "What was decided",
    name: `decision|${row.objection}`, at: "Objections and requests", submit: "Save the decision",
    fields: {
      decision: choice("Decision", page.choices.decisions, row.decision?.decision ?? null),
      reason: list_field("Why?", page.choices.decision_reasons, row.decision?.reason ?? ""),
      decided_by: line_field(context, ["objection_decided", "decided_by"], "Who decided? (name or post)", row.decision?.decided_by),
      decided_on: date_field("Decided on", row.decision?.decided_on ?? context.today()),
    },
    check: (given) => ({
      ...(given.decision ? {} : { decision: "Say what was decided." }),
      ...needs(given, { reason: "Choose the reason.", decided_by: "Say who decided." }),
      ...past(context, given, "decided_on", "Give the day of the decision."),
    }),
    event: ({ decision, reason, decided_by, decided_on }) => ({
      kind: "objection_decided", subject: `objection_decision:${row.objection}`, revision: row.decision?.revision,
      data: { objection: row.objection, person: row.person.key, decision, reason, decided_by: decided_by.trim(), decided_on },
    }),
  }, leave);
}
