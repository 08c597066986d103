// Supervision beyond one session: a supervisee's own file, a supervisor's supervisees, and what a lead has to answer.

import { button, focus_heading, h, set_children } from "./dom.js";
import { flags, objections } from "./supervision_asked.js";
import { file_body } from "./supervision_file.js";
import { training_form } from "./noted_forms.js";
import { focus_at, forms, noting_button, take_back, written_twice } from "./noting.js";
import { screen_words } from "./paste.js";
import { mark, section, show_failure, stacked_table } from "./screen_parts.js";

const OWN = "own"; // in the address, in place of somebody's key
const TRAINED = "trained";
const QUALIFIED = "Newly qualified staff";

/** Shows the page of whoever asks, or the file of the person who is named. */
export async function show(root, context, params) {
  const screen = { root, context, person: params.person ?? "", page: null, conflicts: [], period: "", form: null, folder_open: false };
  screen.fill = (at, said) => fill(screen, at, said);
  screen.aside = screen_words(context, () => (screen.page?.person ? `Supervision of ${screen.page.person.name}` : "Supervision"));
  await fill(screen);
  return {
    dispose: screen.aside.close,
    before_leave: () => screen.aside.leave() || (screen.form?.filled() ? "What you typed is not saved, and this browser keeps nothing." : ""),
  };
}

async function fill(screen, at = "", said = "") {
  const { root, context } = screen;
  screen.form = null;
  try {
    set_children(root, await (is_file(screen) ? file(screen) : overview(screen)));
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  if (!focus_at(root, at)) focus_heading(root);
  if (said) context.announce(said);
}

/** A supervisee comes to their own file at once; whoever has others to see comes to their list. */
function is_file({ person, context }) {
  return person !== "" || !context.me.person.roles.some((role) => role === "supervisor" || role === "lead");
}

async function file(screen) {
  const { api } = screen.context;
  const place = screen.person && screen.person !== OWN ? `person/${screen.person}` : "mine";
  screen.page = await api.get(`api/assurance/${place}`, { query: { period: screen.period } });
  screen.conflicts = screen.page.conflicts; // also what was written twice before a reload
  return file_body(screen);
}

async function overview(screen) {
  const { context } = screen;
  const has = (role) => context.me.person.roles.includes(role);
  const [supervised, leading] = await Promise.all([
    has("supervisor") ? context.api.get("api/assurance/supervisees").catch(nobody) : null,
    has("lead") ? context.api.get("api/assurance/leading") : null,
  ]);
  screen.page = leading ?? supervised;
  screen.conflicts = screen.page?.conflicts ?? [];
  return h("div", { class: "sf-page sf-stack ss-screen" },
    h("div", { class: "ss-head" }, h("h1", { tabindex: "-1" }, "Supervision"), h("p", { class: "ss-lead" }, headline(supervised, leading))),
    written_twice(screen),
    supervised ? [supervisees(context, supervised), own(context), training(screen, supervised)] : null,
    leading ? leads(screen, leading) : null,
    screen.aside.element);
}

/** Whoever supervises nobody yet has an empty list; any other failure is one. */
function nobody(error) {
  if (error.status !== 403) throw error;
  return { supervisees: [], trained: [], note: error.message };
}

function headline(supervised, leading) {
  const waits = [
    ...(supervised?.supervisees ?? []).map((row) => row.flags_open + (row.to_sign ? 1 : 0)),
    leading ? leading.objections.filter((row) => !row.decision).length + leading.needs.filter((row) => !row.answer).length : 0,
  ].reduce((sum, one) => sum + one, 0);
  return waits ? `${waits === 1 ? "One matter waits" : `${waits} matters wait`} for you.` : "Nothing here waits for you.";
}

// A supervisor

function supervisees(context, page) {
  return section("Your supervisees", page.supervisees.length
    ? stacked_table({
      caption: `Each page is for the two of you alone (${page.supervisees.length})`,
      head: ["Supervisee", "Agreement", "Now", "Open"],
      rows: page.supervisees.map((row) => [row.name || "Someone without a name here", row.agreement_words, now(row),
        button("Open", { kind: "quiet", name: `Open: ${row.name}`, run: () => context.go("supervision", { person: row.key }) })]),
    })
    : h("p", { class: "ss-empty" }, page.note));
}

function now(row) {
  const marks = [
    row.flags_open ? mark(`${row.flags_open === 1 ? "A flag waits" : `${row.flags_open} flags wait`} for your answer`, "late", "warn") : null,
    row.to_sign ? mark("An agreement waits for your signature", "signed", "warn") : null,
    row.away ? mark("Away", "pause") : null,
    row.newly_qualified ? mark("Newly qualified", "person") : null,
  ].filter(Boolean);
  return marks.length ? h("ul", { class: "ss-marks" }, marks.map((one) => h("li", null, one))) : h("span", { class: "sf-muted" }, "Nothing waits");
}

function own(context) {
  return section("Your own supervision",
    h("p", { class: "sf-muted" }, "Supervisors are supervised, too."),
    h("p", null, button("Open your own page", { kind: "quiet", run: () => context.go("supervision", { person: OWN }) })));
}

function training(screen, page) {
  const me = screen.context.me.person;
  return section("Your training in supervision", trained_days(screen, page.trained), train(screen, [{ code: me.key, label: me.name }]));
}

function trained_days(screen, rows) {
  if (!rows.length) return h("p", { class: "sf-muted" }, "No day is noted.");
  return h("ul", { class: "ss-elsewhere ss-noted" }, rows.map((row) => h("li", { class: "sf-row" }, row.on_label,
    take_back(screen, row, { kind: "supervisor_trained", fields: ["training", "person", "on"], what: `Training on ${row.on_label}.`, at: TRAINED }))));
}

/** The form for a day of training; of several supervisors it asks whose. */
function train(screen, people) {
  return forms(screen, [{
    act: TRAINED, label: "Note a training day", draft: `${TRAINED}|${people.length === 1 ? people[0].code : "all"}`, make: (leave) => training_form(screen, people, TRAINED, leave),
  }]);
}

// A lead

function leads(screen, page) {
  const people = [...page.newly_qualified].sort((one, other) => one.name.localeCompare(other.name, "en-GB"));
  return [
    section("Objections and requests", objections(screen, page.objections, { decide: true })),
    section("Whether supervision meets needs",
      h("p", { class: "sf-muted" }, "What a supervisee has given to a lead, past the supervisor."),
      flags(screen, page.needs, { answer: true, none: "Nothing was raised with leads." })),
    section(QUALIFIED, people.length ? stacked_table({
      caption: "Newly qualified staff are supervised more often", hide_caption: true,
      head: ["Supervisee", "State", "Change"],
      rows: people.map((row) => [row.name || "Someone without a name here",
        row.newly_qualified ? mark("Newly qualified", "person") : h("span", { class: "sf-muted" }, "No"), qualify(screen, row)]),
    }) : h("p", { class: "ss-empty" }, "Nobody is supervised here yet.")),
    section("Training of supervisors", stacked_table({
      caption: "Days of training in supervision", hide_caption: true,
      head: ["Supervisor", "Trained on"],
      rows: page.supervisors.map((row) => [row.name, trained_days(screen, row.trained)]),
    }), train(screen, page.supervisors.map((row) => ({ code: row.key, label: row.name })))),
  ];
}

function qualify(screen, row) {
  const label = row.newly_qualified ? "Note as no longer newly qualified" : "Note as newly qualified";
  return noting_button(screen, {
    label, name: `${label}: ${row.name}`, at: QUALIFIED,
    make: () => ({ kind: "newly_qualified_noted", subject: row.subject, revision: row.revision, data: { person: row.key, newly_qualified: !row.newly_qualified } }),
  });
}
