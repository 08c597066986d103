// One person's supervision as it stands: coverage, agreement, what was noted, the folder, needs, objections, sessions and actions. For the
// supervisee and their own supervisor alone; what each may write of it, the server says.

import { button, field, h, plural, select } from "./dom.js";
import { action_state } from "./action_card.js";
import { flags, objections } from "./supervision_asked.js";
import {
  absence_form, agreement_form, appraisal_form, case_delay_form, delay_form, exemption_form, flag_form, folder_form, interval_form, objection_form,
  date_field, review_form,
} from "./noted_forms.js";
import { forms, noting_form, take_back, written_twice } from "./noting.js";
import { day_element, day_words, facts, mark, period_words, section, stacked_table } from "./screen_parts.js";

export const AGREEMENT = "Supervision agreement";
const SIGNING = "I have read this agreement where it is kept, and I agree to it.";

/** Returns the page. `screen.page` is what the server answered. */
export function file_body(screen) {
  const { page, context } = screen;
  const parts = page.yours
    ? [coverage, agreements, own_needs, sessions, actions, absences, intervals, cases, folder, appraisals, own_objections, own_copy]
    : [coverage, agreements, needs, absences, intervals, cases, folder, appraisals, sessions, actions];
  return h("div", { class: "sf-page sf-stack ss-screen" },
    header(page),
    written_twice(screen),
    parts.map((part) => part(screen)),
    screen.aside.element,
    context.me.person.roles.includes("supervisor")
      ? h("p", null, button("Back to all supervisees", { run: () => context.go("supervision", {}) }))
      : null);
}

function header(page) {
  const with_whom = page.supervisors.map((one) => one.name).filter(Boolean).join(", ");
  return h("div", { class: "ss-head" },
    h("h1", { tabindex: "-1" }, page.yours ? "Your supervision" : `Supervision of ${page.person.name}`),
    h("p", { class: "ss-lead" }, with_whom ? `With ${with_whom}.` : "Nobody is named as supervisor."),
    h("p", { class: "ss-note" }, page.yours
      ? "Your own page: you and your supervisor read it, and nobody else. What is counted here is something to talk about, and no verdict on you."
      : "This page is for the two of you. A lead does not read it. What is counted here is something to talk about, and no verdict."),
    waits(page));
}

/** What waits for whoever reads the page, and what makes it another page than most. */
function waits(page) {
  const open = page.may.answer_flags ? page.needs.filter((row) => !row.answer).length : 0;
  const marks = [
    page.agreements.some((row) => row.sign_as) ? mark("An agreement waits for your signature", "signed", "warn") : null,
    open ? mark(`${plural(open, "flag waits", "flags wait")} for your answer`, "late", "warn") : null,
    page.newly_qualified ? mark("Newly qualified: supervision is more frequent", "person") : null,
  ].filter(Boolean);
  return marks.length ? h("ul", { class: "ss-marks", "aria-label": "What waits" }, marks.map((one) => h("li", null, one))) : null;
}

// Coverage

function coverage(screen) {
  const { coverage: found } = screen.page;
  const told = new Set(found.lines.map((line) => line.sentence));
  const rest = found.sentences.filter((sentence) => !told.has(sentence));
  return section("Coverage",
    found.note ? h("p", { class: "ss-empty" }, found.note) : null,
    periods(screen),
    found.as_of ? h("p", { class: "sf-muted" }, `As it was counted on ${day_words(found.as_of)}. What was noted since stands below, and is counted by the next report.`) : null,
    found.lines.length
      ? stacked_table({
        caption: `${span_words(found.period)}: what was due, and what came of it`,
        head: ["Rule", "Due", "In time", "Late, with a reason", "Late, no reason", "Not done", "How it stands"],
        rows: found.lines.map((line) => [rule_words(line), ...["due", "in_time", "late_with_reason", "late_without_reason", "not_done"].map((name) => String(line[name])),
          mark(...stands(line))]),
      })
      : null,
    undiscussed(found),
    rest.length ? h("ul", null, rest.map((sentence) => h("li", null, sentence))) : null);
}

function periods(screen) {
  const { coverage: found } = screen.page;
  if (found.periods.length < 2) return null;
  const control = select(found.periods.map((period) => ({ code: period, label: span_words(period) })), { value: found.period });
  control.dataset.act = "period";
  control.addEventListener("change", () => {
    screen.period = control.value;
    screen.fill("period", `Coverage of ${span_words(control.value)}.`);
  });
  return field({ label: "Months", control }).element;
}

/** "2026-08_2026-10" as words. */
function span_words(period) {
  return period.split("_").map(period_words).join(" to ");
}

/** A line's sentence begins with its rule and its threshold; its numbers stand in cells of their own. */
function rule_words(line) {
  const after = line.sentence.indexOf(": ", line.words.length);
  return after < 0 ? line.words : line.sentence.slice(0, after);
}

function stands(line) {
  if (line.not_done) return [`${line.not_done} not done`, "late", "bad"];
  if (line.late_without_reason) return [`${line.late_without_reason} late without a reason`, "late", "warn"];
  if (line.late_with_reason) return ["Late, with a reason", "clock", "plain"];
  return line.due ? ["All in time", "tick", "good"] : ["None fell due", "hollow", "plain"];
}

function undiscussed({ undiscussed: labels, undiscussed_elsewhere: others }) {
  if (!labels.length && !others) return null;
  const more = others ? `${plural(others, "other case", "other cases")} that ${others === 1 ? "was" : "were"} not drawn here` : "";
  return h("p", { class: "sf-row" }, mark("Not discussed", "late", "warn"), [...labels, more].filter(Boolean).join(", "));
}

// Agreement

function agreements(screen) {
  const { page } = screen;
  const person = page.person.key;
  return section(AGREEMENT,
    page.agreements.length ? page.agreements.map((row) => agreement(screen, row)) : h("p", { class: "ss-empty" }, "No agreement is recorded."),
    page.may.draft_agreement
      ? forms(screen, [{
        act: "agreement", label: "Draw up an agreement", draft: `agreement|${person}`, make: (leave) => agreement_form(screen, person, null, leave),
      }])
      : null);
}

function agreement(screen, row) {
  const signed = row.signed.map((one) => `${one.name || one.role}, ${day_words(one.on)}${one.agreed_on === one.on ? "" : ` (agreed ${day_words(one.agreed_on)})`}`).join("; ");
  return h("article", { class: "sf-card ss-action", "aria-label": `Agreement with ${row.supervisor.name}, drawn up ${day_words(row.drafted_on)}` },
    h("div", { class: "ss-action-head" }, h("h3", null, `With ${row.supervisor.name}`), mark(row.words, row.by_both ? "signed" : "clock", row.by_both ? "good" : "warn")),
    facts([
      ["Text kept at", row.reference], ["Drawn up", day_element(row.drafted_on)], ["Signed", signed],
      ["Reviewed", row.reviewed.map(day_words).join("; ") || (row.by_both ? "Not yet" : "")],
    ], "ss-facts ss-inline-facts"),
    row.sign_as ? sign(screen, row) : null,
    row.may_review ? forms(screen, [{
      act: `review|${row.agreement}`, label: "You have reviewed it", draft: `agreement_review|${row.agreement}`, make: (leave) => review_form(screen, row, leave),
    }]) : null,
    row.may_change ? forms(screen, [{
      act: `change|${row.agreement}`, label: "Change it", kind: "quiet small", draft: `agreement|${row.agreement}`, make: (leave) => agreement_form(screen, row.person, row, leave),
    }], take_back(screen, row, { kind: "agreement_drafted", fields: ["agreement", "person", "supervisor", "drafted_on", "reference"], what: "This agreement.", at: AGREEMENT }))
      : null);
}

/** The signature holds for exactly what stands here: its hash goes along, and the server refuses it when that was changed meanwhile. */
function sign(screen, row) {
  const today = screen.context.today();
  return noting_form(screen, {
    title: "Your signature", heading: "h4",
    name: `sign|${row.agreement}|${row.sign_as}`, at: AGREEMENT, submit: `Sign as ${row.sign_as}`, said: "Signed, and saved.",
    notes: [h("p", { class: "ss-statement" }, SIGNING)],
    fields: { agreed_on: date_field("Agreed on", today, "The day on which the two of you agreed it, where that was before today.") },
    check: ({ agreed_on }) => {
      if (!agreed_on) return { agreed_on: "Give the day on which it was agreed." };
      if (agreed_on > today) return { agreed_on: "That day is still to come." };
      return agreed_on < row.agreed_from ? { agreed_on: `It cannot have been agreed before ${day_words(row.agreed_from)}: it was drawn up, or signed for by the other, on that day.` } : {};
    },
    event: ({ agreed_on }) => ({
      kind: "agreement_signed", subject: row.sign_subject, revision: row.sign_revision,
      data: { agreement: row.agreement, person: row.person, role: row.sign_as, content: row.content, agreed_on },
    }),
  }).element;
}

// What was noted

/** A list of sentences, each with what may be done about it. */
function noted_list(rows, empty, item) {
  return rows.length ? h("ul", { class: "ss-elsewhere ss-noted" }, rows.map((row) => h("li", { class: "sf-row" }, item(row)))) : h("p", { class: "sf-muted" }, empty);
}

function absences(screen) {
  const { page } = screen;
  const [person, may] = [page.person.key, page.may.note];
  return section("Absences and delays",
    noted_list(page.absences, "No absence is noted.", (row) => [row.words, may ? forms(screen, [{
      act: `absence|${row.absence}`, label: "Change", name: `Change: ${row.words}`, kind: "quiet small", draft: `absence|${row.absence}`, make: (leave) => absence_form(screen, person, row, leave),
    }], take_back(screen, row, { kind: "absence_noted", fields: ["absence", "person", "first", "last"], what: row.words, at: "absence" })) : null]),
    noted_list(page.delays, "No reason of a late session is noted.", (row) => [`${row.words} ${row.reason_label}.`,
      may ? take_back(screen, row, { kind: "delay_noted", fields: ["delay", "person", "first", "last", "reason"], what: row.words, at: "delay" }) : null]),
    may ? forms(screen, [
      { act: "absence", label: "Note an absence", draft: `absence|${person}`, make: (leave) => absence_form(screen, person, null, leave) },
      { act: "delay", label: "Note why a session is late", draft: `delay|${person}`, make: (leave) => delay_form(screen, person, leave) },
    ]) : null);
}

function intervals(screen) {
  const { page } = screen;
  const [person, may] = [page.person.key, page.may.note];
  if (!page.intervals.length && !may) return null;
  return section("Agreed to meet more often",
    noted_list(page.intervals, "Nothing beyond the policy is agreed.", (row) => [`${row.words} Reason: ${row.reason_label}.`,
      may ? take_back(screen, row, { kind: "interval_agreed", fields: ["agreed", "person", "every", "unit", "first", "last", "reason"], what: row.words, at: "interval" }) : null]),
    may ? forms(screen, [{ act: "interval", label: "Agree to meet more often", draft: `interval|${person}`, make: (leave) => interval_form(screen, person, false, leave) }]) : null);
}

const EXEMPTION = ["exemption", "case", "first", "last", "reason", "case_reference", "session_reference"];

function cases(screen) {
  const { page } = screen;
  const [person, may] = [page.person.key, page.may.note && page.cases.length > 0];
  const noted = page.cases.filter((row) => row.exemptions.length + row.delays.length + row.intervals.length);
  return section(page.yours ? "Your cases" : "Cases",
    page.cases.length
      ? noted_list(noted.flatMap((row) => case_lines(screen, row, may)), "No case is exempt, and no delay of a case is noted.", (one) => one)
      : h("p", { class: "sf-muted" }, "No case was drawn or put forward here yet."),
    may ? forms(screen, [
      { act: "exemption", label: "Exempt a case", draft: `exemption|${person}`, make: (leave) => exemption_form(screen, person, leave) },
      { act: "case_delay", label: "Note why a case is late", draft: `case_delay|${person}`, make: (leave) => case_delay_form(screen, person, leave) },
      { act: "case_interval", label: "Agree to discuss a case more often", draft: `case_interval|${person}`, make: (leave) => interval_form(screen, person, true, leave) },
    ]) : null);
}

function case_lines(screen, row, may) {
  const line = (one, words, kind, fields, at) => [h("span", null, h("strong", null, `${row.case_label}: `), words),
    may ? take_back(screen, one, { kind, fields, what: `${row.case_label}: ${one.words}`, at }) : null];
  return [
    ...row.exemptions.map((one) => line(one, `${one.words} ${one.reason_label}. Case record: ${one.case_reference}. Supervision record: ${one.session_reference}.`, "case_exempted", EXEMPTION, "exemption")),
    ...row.delays.map((one) => line(one, `${one.words} ${one.reason_label}.`, "case_delay_noted", ["delay", "case", "first", "last", "reason"], "case_delay")),
    ...row.intervals.map((one) => line(one, `${one.words} Reason: ${one.reason_label}.`, "case_interval_agreed", ["agreed", "case", "every", "unit", "first", "last", "reason"], "case_interval")),
  ];
}

function folder(screen) {
  const { page } = screen;
  const there = page.folder.filter((row) => row.on);
  return section("Folder",
    h("p", null, `${there.length} of ${plural(page.folder.length, "item", "items")} noted as up to date.`),
    h("details", { class: "ss-more", open: screen.folder_open, on: { toggle: (event) => { screen.folder_open = event.target.open; } } }, h("summary", null, "The checklist"),
      stacked_table({
        caption: "What the folder holds, and when it was brought up to date", hide_caption: true,
        head: ["Item", "Up to date on"],
        rows: page.folder.map((row) => [row.label, row.on ? mark(day_words(row.on), "tick") : mark(row.revision ? "Missing" : "Not noted yet", row.revision ? "none" : "hollow", row.revision ? "warn" : "plain")]),
      })),
    page.may.folder ? forms(screen, [{ act: "folder", label: "Note an item", draft: `folder|${page.person.key}`, make: (leave) => folder_form(screen, page.person.key, leave) }]) : null);
}

function appraisals(screen) {
  const { page } = screen;
  const [person, may] = [page.person.key, page.may.note];
  return section("Appraisals",
    noted_list(page.appraisals, "No appraisal is noted.", (row) => [`Held on ${row.on_label}.`,
      may ? take_back(screen, row, { kind: "appraisal_held", fields: ["appraisal", "person", "on"], what: `Held on ${row.on_label}.`, at: "appraisal" }) : null]),
    may ? forms(screen, [{
      act: "appraisal", label: "Note an appraisal", draft: `appraisal|${person}`,
      make: (leave) => appraisal_form(screen, person, leave),
    }]) : null);
}

// Needs, objections, and what else is there

function own_needs(screen) {
  const { page } = screen;
  return section("Whether supervision meets your needs",
    flags(screen, page.needs, { answer: false, none: "You have raised nothing." }),
    page.may.flag ? forms(screen, [{ act: "needs", label: "It does not meet my needs", draft: "needs", make: (leave) => flag_form(screen, leave) }]) : null);
}

function needs(screen) {
  return section("Whether supervision meets needs", flags(screen, screen.page.needs, { answer: screen.page.may.answer_flags, none: "Nothing was raised with you." }));
}

function own_objections(screen) {
  return section("Objections and requests",
    h("p", { class: "sf-muted" }, "Your record is read by others for transfer of responsibility, a formal concern, or audit. You may object, or ask that something is taken out."),
    objections(screen, screen.page.objections, { decide: false }),
    screen.page.may.object ? forms(screen, [{ act: "objection", label: "Object, or ask for a redaction", draft: "objection", make: (leave) => objection_form(screen, leave) }]) : null);
}

function sessions(screen) {
  const { page, context } = screen;
  return section("Sessions", page.sessions.length
    ? stacked_table({
      caption: `Sessions (${page.sessions.length})`, hide_caption: true,
      head: ["Held on", "Kind", "Record", "Open"],
      rows: page.sessions.map((row) => [day_element(row.held_on), row.kind_label, mark(row.state_label, row.record_state === "agreed" ? "tick" : row.state === "open" ? "hollow" : "begun"),
        button("Open", { kind: "quiet small", name: `Open: ${row.kind_label}, ${row.held_on_label}`, run: () => context.go("session", { session: row.session }) })]),
    })
    : h("p", { class: "ss-empty" }, "No session is recorded yet."));
}

function actions({ page }) {
  const closed = page.actions.filter((row) => row.state === "closed");
  const open = page.actions.filter((row) => row.state !== "closed");
  return section("Actions",
    open.length ? action_table(`Open actions (${open.length})`, open) : h("p", { class: "ss-empty" }, "No action is open."),
    closed.length ? h("details", { class: "ss-more" }, h("summary", null, plural(closed.length, "closed action", "closed actions")), action_table("Closed actions", closed)) : null);
}

function action_table(caption, rows) {
  return stacked_table({
    caption, hide_caption: true,
    head: ["Action", "Owner", "Due", "How it stands"],
    rows: rows.map((row) => [h("span", null, row.text, row.case_label ? h("span", { class: "ss-number" }, row.case_label) : null), row.owner, day_element(row.due), action_state(row)]),
  });
}

function own_copy({ context }) {
  const link = (kind, words) => h("a", { class: "sf-button quiet", href: context.api.link(`api/assurance/file.${kind}`), download: "" }, words);
  return section("Your own copy",
    h("p", { class: "sf-muted" }, "All that stands on this page, with the records of your sessions. The records belong to you and to the service."),
    h("p", { class: "sf-row" }, link("txt", "Save as a text file"), link("json", "Save for a computer (JSON)")));
}
