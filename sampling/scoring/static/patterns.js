// The patterns that the newest assurance report found, and what leaders do about each: seen, what, who, by when, and what came of it.

import { day_after, field, focus_heading, h, plural, select, set_children, unique_id } from "./dom.js";
import { choice } from "./action_forms.js";
import { date_field } from "./noted_forms.js";
import { focus_at, forms, noting_button, noting_form, written_twice } from "./noting.js";
import { screen_words } from "./paste.js";
import { day_words, facts, mark, period_words, section, show_failure } from "./screen_parts.js";
import { text_field } from "./texts.js";

const STATES = { new: ["New", "up", "warn"], standing: ["Standing", "late", "warn"], easing: ["Easing", "down", "plain"], ended: ["Ended", "tick", "good"] };
const ENDED = "ended";
const DAYS = 28; // proposed for a response, where the report names no other number

/** Shows the patterns. */
export async function show(root, context) {
  const screen = { root, context, page: null, conflicts: [], form: null, scope: "", ended_open: false };
  screen.fill = (at, said) => fill(screen, at, said);
  screen.aside = screen_words(context, () => "Patterns");
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
    screen.page = await context.api.get("api/assurance/patterns");
    screen.conflicts = screen.page.conflicts; // also what was written twice before a reload
    set_children(root, body(screen));
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  if (!focus_at(root, at)) focus_heading(root);
  if (said) context.announce(said);
}

function body(screen) {
  const { page } = screen;
  const months = page.period ? `, ${page.period.split("_").map(period_words).join(" to ")}` : "";
  const shown = page.patterns.filter((row) => !screen.scope || row.scope === screen.scope);
  const rules = [...new Set(shown.map((row) => row.title))];
  return h("div", { class: "sf-page sf-stack ss-screen" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, `Patterns${months}`),
      h("p", { class: "ss-lead" }, headline(page)),
      h("p", { class: "ss-note" }, "A pattern is about cases and teams, never about one person. It says that something should be looked at, and not why.")),
    written_twice(screen),
    scopes(screen),
    rules.map((title) => rule(screen, title, shown.filter((row) => row.title === title))),
    page.earlier.length ? section("Responses to patterns of earlier reports", log(screen, page.earlier)) : null,
    screen.aside.element);
}

/** Where there are several teams, one of them can be looked at. */
function scopes(screen) {
  const all = [...new Set(screen.page.patterns.map((row) => row.scope))];
  if (all.length < 2) return null;
  const control = select(all.map((scope) => ({ code: scope, label: capital(scope) })), { value: screen.scope, empty: "Everywhere" });
  control.dataset.act = "scope";
  control.addEventListener("change", () => {
    screen.scope = control.value;
    screen.fill("scope", headline({ ...screen.page, patterns: screen.page.patterns.filter((row) => !screen.scope || row.scope === screen.scope) }));
  });
  return field({ label: "Where", control }).element;
}

function headline(page) {
  if (page.note) return page.note;
  if (!page.patterns.length) return "The newest report found no pattern.";
  const late = page.patterns.filter((row) => row.late).length + [...page.patterns.flatMap((row) => row.responses), ...page.earlier].filter((row) => row.overdue).length;
  const standing = page.patterns.filter((row) => row.state !== ENDED).length;
  return `${plural(standing, "pattern stands", "patterns stand")}. ${late ? `${plural(late, "answer is", "answers are")} late.` : "No answer is late."}`;
}

/** The patterns of one rule: what waits for an answer first, what ended last and out of the way. */
function rule(screen, title, rows) {
  const order = (row) => (row.late ? 0 : row.due ? 1 : 2);
  const standing = rows.filter((row) => row.state !== ENDED).sort((one, other) => order(one) - order(other));
  const ended = rows.filter((row) => row.state === ENDED);
  return section(title,
    h("p", { class: "sf-muted" }, rows[0].sentences.at(-1)),
    h("div", { class: "sf-stack" }, standing.map((row) => pattern(screen, row))),
    ended.length
      ? h("details", { class: "ss-more", open: screen.ended_open, on: { toggle: (event) => { screen.ended_open = event.target.open; } } },
        h("summary", null, `${plural(ended.length, "pattern", "patterns")} that ended`),
        h("div", { class: "sf-stack" }, ended.map((row) => pattern(screen, row))))
      : null);
}

function pattern(screen, row) {
  const title = `${row.title}, ${where(row)}`;
  const [evidence, ...rest] = row.sentences;
  const id = unique_id("pattern");
  return h("article", { class: "sf-card ss-action", "aria-labelledby": id, dataset: { pattern: row.id } },
    h("div", { class: "ss-action-head" }, h("h3", { id, tabindex: "-1" }, where(row)),
      h("div", { class: "sf-row" }, mark(...(STATES[row.state] ?? [row.state, "hollow", "plain"])), answer_mark(row))),
    h("div", { class: "sf-stack" },
      h("p", null, evidence),
      rest.length > 1 ? h("details", { class: "ss-more" }, h("summary", null, "The rule"), rest.slice(0, -1).map((one) => h("p", null, one))) : null,
      row.first_seen || row.responses.length ? h("p", { class: "sf-muted" }, row.first_seen ? `Leaders saw it on ${day_words(row.first_seen)}.` : "No leader has noted it as seen.") : null,
      row.responses.length ? log(screen, row.responses) : null,
      forms(screen, [{
        act: `respond|${row.id}`, label: row.responses.length ? "Decide something further" : "Decide what is done",
        name: `${row.responses.length ? "Decide something further" : "Decide what is done"}: ${title}`, kind: row.responses.length ? "quiet small" : "small",
        draft: `respond|${row.id}`, make: (leave) => response_form(screen, row, null, leave),
      }], row.first_seen ? null : seen_button(screen, row, title))));
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);

/** What a pattern is about, and where: the title of its rule is the same for many. */
function where(row) {
  return row.about ? `${capital(row.about)}, ${row.scope}` : capital(row.scope);
}

function answer_mark(row) {
  if (row.late) return mark(`No answer yet: it was due ${day_words(row.due)}`, "late", "bad");
  return row.due ? mark(`To be answered by ${day_words(row.due)}`, "clock") : null;
}

function seen_button(screen, row, title) {
  const { context, page } = screen;
  const month = page.period.split("_").at(-1); // as it stood at the end of the report's last month
  return noting_button(screen, {
    label: "Note it as seen today", name: `Note it as seen today: ${title}`, kind: "quiet small", at: `respond|${row.id}`,
    make: () => ({ kind: "pattern_seen", subject: `pattern_seen:${row.id}/${month}`, data: { pattern: row.id, rule: row.rule, month, seen_on: context.today() } }),
  });
}

// The log of responses

function log(screen, rows) {
  return h("div", { class: "sf-stack" }, h("p", { class: "sf-muted" }, rows.length === 1 ? "What leaders decided:" : `What leaders decided (${rows.length}):`),
    rows.map((row) => h("article", { class: "ss-item", "aria-label": `Response: ${row.what.slice(0, 60)}` },
      h("p", null, h("strong", null, row.what)),
      facts([["Who", row.owner], ["Decided", day_words(row.decided_on)], ["By when", day_words(row.due)], ["What came of it", outcome(row)]], "ss-facts ss-inline-facts"),
      write(screen, row))));
}

function outcome(row) {
  if (!row.outcome) return row.overdue ? mark("Late: no outcome yet", "late", "bad") : mark(row.outcome_label, "clock");
  return h("div", null, mark(row.outcome_label, row.outcome === "done" ? "tick" : row.outcome === "not_needed" ? "hollow" : "begun", row.outcome === "not_done" ? "warn" : "plain"),
    h("p", { class: "ss-hint" }, [day_words(row.outcome_on), row.outcome_text].filter(Boolean).join(": ")));
}

function write(screen, row) {
  const about = row.what.slice(0, 60);
  return forms(screen, [
    { act: `outcome|${row.response}`, label: row.outcome ? "Change the outcome" : "Note the outcome", name: `${row.outcome ? "Change" : "Note"} the outcome: ${about}`, kind: "quiet small", draft: `outcome|${row.response}`, make: (leave) => outcome_form(screen, row, leave) },
    { act: `change|${row.response}`, label: "Change", name: `Change: ${about}`, kind: "quiet small", draft: `response|${row.response}`, make: (leave) => response_form(screen, { id: row.pattern }, row, leave) },
  ]);
}

function response_form(screen, pattern_row, row, leave) {
  const { context, page } = screen;
  const [today, due] = [context.today(), day_after(context.today(), page.respond_within_days ?? DAYS)];
  return noting_form(screen, {
    title: row ? "Change the response" : "Decide what is done",
    name: row ? `response|${row.response}` : `respond|${pattern_row.id}`, at: row ? `change|${row.response}` : `respond|${pattern_row.id}`, submit: "Save the response",
    fields: {
      what: text_field(context, ["pattern_response", "what"], { label: "What is done?", rows: 3, value: row?.what ?? "", hint: "No case and no person: this goes to governance." }),
      owner: text_field(context, ["pattern_response", "owner"], { label: "Who does it? (name or post)", line: true, value: row?.owner ?? "" }),
      decided_on: date_field("Decided on", row?.decided_on ?? today),
      due: date_field("By when?", row?.due ?? due),
    },
    check: (given) => ({
      ...(given.what.trim() ? {} : { what: "Say what is done." }),
      ...(given.owner.trim() ? {} : { owner: "Say who does it." }),
      ...(!given.decided_on ? { decided_on: "Give the day of the decision." } : given.decided_on > today ? { decided_on: "That day is still to come." } : {}),
      ...(!given.due ? { due: "Say by when." } : given.due < given.decided_on ? { due: "It is due on or after the day on which it was decided." } : {}),
    }),
    event: ({ what, owner, decided_on, due: day }, id) => {
      const response = row?.response ?? id;
      return {
        kind: "pattern_response", subject: `pattern_response:${pattern_row.id}/${response}`, revision: row?.revision,
        data: { pattern: pattern_row.id, response, decided_on, what: what.trim(), owner: owner.trim(), due: day },
      };
    },
  }, leave);
}

function outcome_form(screen, row, leave) {
  const { context, page } = screen;
  const today = context.today();
  return noting_form(screen, {
    title: "What came of it",
    name: `outcome|${row.response}`, at: `outcome|${row.response}`, submit: "Save the outcome",
    fields: {
      outcome: choice("How did it end?", page.outcomes, row.outcome || null),
      on: date_field("On which day?", row.outcome_on || today),
      text: text_field(context, ["pattern_outcome", "text"], { label: "In a few words (optional)", about: "Outcome of a response", rows: 2, value: row.outcome_text, words: screen.aside.words }),
    },
    check: (given) => ({
      ...(given.outcome ? {} : { outcome: "Choose how it ended." }),
      ...(!given.on ? { on: "Give the day." } : given.on > today ? { on: "That day is still to come." } : {}),
    }),
    event: ({ outcome: ended, on, text }) => ({
      kind: "pattern_outcome", subject: row.outcome_subject, revision: row.outcome_revision,
      data: { pattern: row.pattern, response: row.response, outcome: ended, on, text: text?.trim() ?? "" },
    }),
  }, leave);
}
