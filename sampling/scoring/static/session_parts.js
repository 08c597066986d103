// The parts of a session that are saved while one works: earlier actions, agenda, cases, reflection.

import { h, set_children } from "./dom.js";
import { action_card } from "./action_card.js";
import { know, live_text, unsaved_data } from "./live.js";
import { mark, radios } from "./screen_parts.js";

/** Puts one event of the session; the revision that the page brought is told to the save loop first. */
function put(screen, kind, subject, data, soon = true) {
  screen.context.save.put({ kind, review: screen.session, subject, data, soon });
}

/** Returns what is on the screen of one subject: what is unsaved still, else what the page brought. */
function current(screen, subject, revision, brought) {
  know(screen.context, screen.session, subject, revision);
  return unsaved_data(screen.context, screen.session, subject) ?? brought;
}

function note_of(screen, kind, value, more) {
  if (screen.page.notes_hidden) return null;
  return live_text(screen.context, [kind, "note"], { ...more, value: value ?? "", words: screen.aside.words, read_only: screen.page.read_only });
}

/** Returns a note as text, where there is one to read. */
function said(note) {
  return note ? h("p", { class: "ss-comment" }, note) : null;
}

/** Returns the earlier actions of this pair, each to be looked at before a formal session closes. */
export function prior_part(screen) {
  const { page } = screen;
  if (!page.prior.length) return h("p", { class: "ss-empty" }, "There is no earlier action to look at.");
  return h("div", { class: "sf-stack ss-live" }, screen.words.prior, page.prior.map((row) => prior(screen, row)));
}

function prior(screen, row) {
  const { page } = screen;
  const subject = `prior:${row.action}`;
  const state = { finding: null, note: "", ...current(screen, subject, row.prior_revision, row.reviewed) };
  const store = (soon = true) => {
    note.element.hidden = !state.finding;
    if (state.finding) put(screen, "prior_action_reviewed", subject, { action: row.action, finding: state.finding, note: state.note ?? "" }, soon);
  };
  if (page.read_only) {
    return action_card(row, h("p", { class: "sf-row" }, "In this session:", mark(row.reviewed?.finding_label ?? "Not looked at", row.reviewed ? "tick" : "hollow")), said(row.reviewed?.note));
  }
  const finding = radios({
    legend: "How does it stand?", inline: true, value: state.finding, disabled: page.read_only,
    options: page.findings.map(({ code, label }) => ({ value: code, label })),
    on_choose: (code) => { state.finding = code; store(); },
  });
  const note = note_of(screen, "prior_action_reviewed", state.note, { label: "Note", key: subject, about: `Earlier action, ${row.text}`, put: (words, soon) => { state.note = words; store(soon); } }) ?? { element: h("span") };
  note.element.hidden = !state.finding;
  screen.fields.set(subject, { error: finding.error });
  return action_card(row, finding.element, note.element);
}

/** Returns the agenda of five, each covered or left out, with a note. */
export function agenda_part(screen) {
  return h("div", { class: "sf-stack ss-live" }, h("h3", null, "Agenda"), screen.words.agenda, screen.page.agenda.map((row) => agenda(screen, row)));
}

function agenda(screen, row) {
  const subject = `agenda:${row.item}`;
  const state = { ...current(screen, subject, row.revision, { covered: row.covered, note: row.note ?? "" }) };
  const store = (soon = true) => put(screen, "agenda_covered", subject, { item: row.item, covered: state.covered, note: state.note }, soon);
  if (screen.page.read_only) {
    return h("div", { class: "ss-item ss-beside" }, h("div", { class: "sf-row" }, h("strong", null, row.label), mark(row.state_label, row.covered ? "tick" : "hollow")), said(row.note));
  }
  const covered = radios({
    legend: row.label, hint: row.hint, inline: true, disabled: screen.page.read_only,
    value: state.covered === null ? null : state.covered ? "yes" : "no",
    options: [{ value: "yes", label: "Covered" }, { value: "no", label: "Left out" }],
    on_choose: (value) => { state.covered = value === "yes"; store(); },
  });
  const note = note_of(screen, "agenda_covered", state.note, {
    label: `Note: ${row.label.toLowerCase()}`, key: subject, about: row.label,
    put: (words, soon) => {
      state.note = words;
      if (state.covered === null) {
        state.covered = true; // what was written about was covered; it can be set otherwise
        covered.set("yes");
      }
      store(soon);
    },
  });
  screen.fields.set(subject, { error: covered.error });
  return h("div", { class: "ss-item ss-beside" }, covered.element, note?.element);
}

/** Returns the cases that were discussed, drawn beside those put forward, and those that may be. */
export function discussed_part(screen) {
  const { page } = screen;
  const waiting = page.read_only ? [] : page.available;
  return h("div", { class: "sf-stack ss-live" }, h("h3", null, "Cases"), screen.words.discussed,
    page.discussed.map((row) => discussed(screen, row)),
    waiting.length
      ? h("div", null, h("p", { class: "ss-hint" }, "Drawn cases come first; those that a person put forward are discussed beside them."),
        h("ul", { class: "ss-elsewhere" }, waiting.map((row) => h("li", null, discuss_button(screen, row)))))
      : null);
}

function discuss_button(screen, row) {
  const who = row.practitioner_label ? `, ${row.practitioner_label}` : "";
  return h("div", { class: "sf-row" },
    mark(row.came_by === "drawn" ? "Drawn" : "Put forward", row.came_by === "drawn" ? "equal" : "person"),
    h("span", null, `${row.case_label}${who}`),
    h("button", {
      type: "button", class: "sf-button quiet", "aria-label": `Discuss: ${row.case_label}`,
      on: { click: () => discuss(screen, row) },
    }, "Discuss"));
}

async function discuss(screen, row) {
  const { context, session } = screen;
  const subject = `discussed:${row.case}`;
  const id = context.save.put({ kind: "case_discussed", review: session, subject, data: { case: row.case, came_by: row.came_by, note: "" } });
  try {
    await context.save.when_saved(id);
    await screen.fill(`[data-case="${CSS.escape(row.case)}"] textarea`, "Saved.");
  } catch (error) {
    context.alert(`Not saved. ${error.message}`);
  }
}

function discussed(screen, row) {
  const heading = h("p", { class: "sf-row" }, mark(row.came_by_label, row.came_by === "drawn" ? "equal" : "person"), h("strong", null, row.case_label), row.practitioner_label);
  if (screen.page.read_only) return h("div", { class: "ss-item" }, heading, said(row.note));
  const subject = `discussed:${row.case}`;
  const state = current(screen, subject, row.revision, { note: row.note ?? "" });
  const note = note_of(screen, "case_discussed", state.note, {
    label: `What was said about ${row.case_label || "this case"}`, key: subject,
    put: (words, soon) => put(screen, "case_discussed", subject, { case: row.case, came_by: row.came_by, note: words }, soon),
  });
  if (note) screen.fields.set(subject, { error: note.error });
  return h("div", { class: "ss-item", dataset: { case: row.case } },
    heading, note?.element);
}

/** Returns the four prompts of the reflective cycle. One may be skipped, and then says so. */
export function prompts_part(screen) {
  return h("div", { class: "sf-stack ss-live" }, screen.words.prompts, screen.page.prompts.map((row) => prompt(screen, row)));
}

function prompt(screen, row) {
  const { page } = screen;
  if (page.read_only) {
    const shape = row.state === "skipped" ? ["pause", "warn"] : row.state === "answered" ? ["tick", "plain"] : ["hollow", "plain"];
    return h("div", { class: "ss-item ss-beside" }, h("div", { class: "sf-row" }, h("strong", null, row.label), mark(row.state_label, ...shape)), said(row.note));
  }
  const subject = `prompt:${row.prompt}`;
  const state = { ...current(screen, subject, row.revision, { skipped: row.state === "skipped", note: row.note ?? "" }) };
  const shown = h("span");
  const store = (soon = true) => {
    draw();
    put(screen, "prompt_answered", subject, { prompt: row.prompt, skipped: state.skipped, note: state.note }, soon);
  };
  const skip = h("input", { type: "checkbox", id: `ss-skip-${row.prompt}`, checked: state.skipped, on: { change: () => { state.skipped = skip.checked; store(); } } });
  const note = note_of(screen, "prompt_answered", state.note, {
    label: row.question, rows: 3, key: subject, about: row.label,
    put: (words, soon) => {
      state.note = words;
      if (words) state.skipped = false;
      store(soon);
    },
  });
  function draw() {
    skip.checked = state.skipped;
    skip.disabled = page.read_only || Boolean(state.note);
    const words = state.skipped ? "Skipped" : state.note ? "Answered" : page.notes_hidden ? row.state_label : "Open";
    set_children(shown, mark(words, state.skipped ? "pause" : state.note ? "tick" : "hollow", state.skipped ? "warn" : "plain"));
  }
  draw();
  if (note) screen.fields.set(subject, { error: note.error });
  return h("fieldset", { class: "ss-item ss-choice" }, h("legend", null, row.label), shown, note?.element,
    page.notes_hidden ? null : h("div", { class: "ss-option" }, skip, h("label", { for: skip.id }, "Skip this step (it stays visible as skipped)")));
}
