// What is noted of a person, a case or a pattern by itself: one entry each, in no review and no session. It is changed by being written
// again, and taken back the same way, so that it stays readable.

import { button, h, set_children } from "./dom.js";
import { event_form } from "./action_forms.js";
import { conflicts_part } from "./conflicts.js";
import { has_draft } from "./drafts.js";
import { know } from "./live.js";
import { day_words, save_line, saved } from "./screen_parts.js";

const NONE = ""; // the review of what belongs to none
const TWICE = "Written twice: see the top of the page.";

/** Returns the event that notes something. `row` is what it takes the place of, where there is something. */
export function noted(context, kind, subject, data, revision = 0) {
  know(context, NONE, subject, revision);
  return { kind, review: NONE, subject, data };
}

/** Goes on after something was stored: the page is drawn anew, the focus moves to `at`, and two values of one thing are shown. */
async function after(screen, receipt, event, at, said) {
  const { context } = screen;
  if (receipt.status !== "conflict") return screen.fill(at, said);
  await context.save.release(NONE, event.subject);
  return screen.fill("", TWICE);
}

/** Returns what two people wrote of the same thing at the same time, until one of them says which stands; or null. */
export function written_twice(screen) {
  const { conflicts } = screen;
  return conflicts_part(screen.context, NONE, conflicts, {
    words: said_words,
    title: () => "Which of them stands?",
    read: async () => conflicts,
    done: () => {
      screen.conflicts = [];
      return screen.fill("", "Saved.");
    },
  });
}

/** Returns what an entry says in a few words, for whoever compares two of them. */
function said_words(data) {
  if (!data) return "Nothing";
  if (data.withdrawn) return "Taken back";
  const days = ["first", "last", "on", "due", "decided_on"].filter((name) => data[name]).map((name) => day_words(data[name]));
  const words = ["what", "reference", "outcome", "decision", "reason", "note", "text"].filter((name) => data[name]).map((name) => String(data[name]).replaceAll("_", " "));
  const answer = "newly_qualified" in data ? [data.newly_qualified ? "newly qualified" : "not newly qualified"] : [];
  return [...days, ...answer, ...words].join(", ") || "Missing";
}

/**
 * Returns a form that notes something: as event_form takes it, `at` is where the focus goes afterwards. `event(given, id)` is {kind, subject,
 * data, revision?}, `id` what it is to be known by where it is new.
 */
export function noting_form(screen, { at, event, said = "Saved.", ...given }, leave) {
  const { context } = screen;
  return event_form(context, {
    heading: "h3",
    ...given,
    event: (values, id) => {
      const { kind, subject, data, revision } = event(values, id);
      return noted(context, kind, subject, data, revision);
    },
    done: (receipt, values, put) => after(screen, receipt, put, at, said),
    leave,
  });
}

/**
 * Returns buttons that each open a form in one place below them: {element}. `given` are {act, label, name?, kind?, draft, make(leave)}: `act`
 * names the button for the focus, `draft` the form's draft, which opens it again after a reload. `beside` stands in the row of buttons.
 */
export function forms(screen, given, beside = []) {
  const place = h("div");
  let shown = null;
  const close = () => {
    if (screen.form === shown) screen.form = null;
    shown = null;
    set_children(place);
  };
  const openers = given.map((one) => {
    const opener = button(one.label, { kind: one.kind ?? "quiet", name: one.name });
    opener.dataset.act = one.act;
    const open = (focus) => {
      shown = one.make(() => {
        close();
        opener.focus();
      });
      screen.form = shown;
      set_children(place, shown.element);
      if (focus) shown.focus();
    };
    opener.addEventListener("click", async () => {
      if (await may_leave(screen)) open(true);
    });
    return { opener, open, begun: has_draft(screen.context, one.draft) };
  });
  openers.find((one) => one.begun)?.open(false); // begun before a reload
  return h("div", { class: "ss-noting" }, h("div", { class: "sf-row" }, openers.map((one) => one.opener), beside), place);
}

/** Where the browser keeps nothing, the words of another open form would go with it. */
async function may_leave(screen) {
  if (!screen.form?.filled()) return true;
  return screen.context.confirm({
    title: "Leave the other form?", text: "What you typed there is not saved, and this browser keeps nothing.", yes: "Leave it", no: "Stay there",
  });
}

/** Returns a button that notes something at once, with a line that says when it is saved. `make()` returns what `event` of noting_form does. */
export function noting_button(screen, { label, name, kind = "quiet small", at, make, ask = null, said = "Saved." }) {
  const { context } = screen;
  const line = save_line();
  let running = false;
  const run = async () => {
    if (running || (ask && !(await context.confirm(ask)))) return;
    running = true;
    let id = "";
    const { kind: sort, subject, data, revision } = make();
    const event = noted(context, sort, subject, data, revision);
    const receipt = await saved(context, line, event, (put) => { id = put.id; });
    running = false;
    if (receipt) await after(screen, receipt, event, at, said);
    else context.save.drop(id); // what was refused here is nobody's words: it is pressed again, or not
  };
  return h("div", { class: "ss-once" }, button(label, { kind, name, run }), line.element);
}

/** Returns the button that takes an entry back: the same, as withdrawn. `fields` are those of the event, `what` says it in words. */
export function take_back(screen, row, { kind, fields, what, at }) {
  const data = Object.fromEntries(fields.map((name) => [name, plain(row[name])]));
  return noting_button(screen, {
    label: "Take back", name: `Take back: ${what}`, at, said: "Taken back, and saved.",
    ask: { title: "Take this back?", text: `${what} It no longer counts, and stays readable in the journal.`, yes: "Take it back", no: "Keep it" },
    make: () => ({ kind, subject: row.subject, revision: row.revision, data: { ...data, withdrawn: true } }),
  });
}

/** A person stands in some rows with a name, and in each entry as a key alone. */
function plain(value) {
  return value?.key ?? value ?? null;
}

/** Draws a screen anew, and moves the focus: to the button named `at`, else to the section whose heading it is, else to the top. */
export function focus_at(root, at) {
  if (!at) return false;
  const found = [...root.querySelectorAll("[data-act]")].find((one) => one.dataset.act === at) ??
    [...root.querySelectorAll("h2")].find((one) => one.textContent === at);
  found?.focus();
  return Boolean(found);
}
