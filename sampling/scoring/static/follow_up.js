// What is due: the cases to be scored again, blind, and the actions as finding → action → owner → due → evidence → review date.

import { button, focus_heading, h, plural, set_children } from "./dom.js";
import { action_card } from "./action_card.js";
import { close_form, move_form, seen_form } from "./action_forms.js";
import { has_draft } from "./drafts.js";
import { purpose_of_sitting } from "./purpose.js";
import { day_element, mark, save_line, saved, section, show_failure, stacked_table } from "./screen_parts.js";

const FIRST = [
  ["overdue", "Overdue", "The date has passed. A missed date needs a reason and a new date; both are kept."],
  ["due", "Due this week", ""],
];
const THEN = [["later", "Later", ""], ["closed", "Closed in the last month", ""]];
const LISTS = [...FIRST, ...THEN];
const RESCORE_SHAPES = {
  not_due: ["clock", "plain"],
  due: ["hollow", "warn"],
  overdue: ["late", "bad"],
  in_progress: ["begun", "plain"],
  signed: ["tick", "good"],
};

/** Shows the follow-up. */
export async function show(root, context) {
  const screen = { root, context, open: null, last: null, busy: false };
  await fill(screen);
  // What waited from before a reload is stored while the page is open: then the lists say so.
  const off = context.save.on("receipt", (receipt, entry) => {
    if (entry.kind.startsWith("action_") && !screen.open && !screen.busy) fill(screen, entry.data.action);
  });
  return {
    dispose: off,
    before_leave: () => (screen.open?.filled() ? "What you typed is not saved, and this browser keeps nothing." : ""),
  };
}

async function fill(screen, at = null) {
  const { root, context } = screen;
  screen.open = null;
  try {
    const page = await context.api.get("api/follow_up");
    know(context, page);
    set_children(root, body(screen, page));
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  const heading = at && root.querySelector(`[data-action="${CSS.escape(at)}"] h3`);
  if (heading) heading.focus();
  else focus_heading(root);
}

function know(context, page) {
  for (const [name] of LISTS) {
    for (const row of page[name]) {
      const subject = `action:${row.action}`;
      context.save.known(row.review, subject, Math.max(row.revision, context.save.revision(row.review, subject)));
    }
  }
}

function body(screen, page) {
  const every = LISTS.flatMap(([name]) => page[name]);
  return h("div", { class: "sf-page sf-stack ss-screen" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, "Follow-up"),
      h("p", { class: "ss-lead" }, page.headline),
      h("p", { class: "ss-note" }, page.note)),
    every.length ? null : h("p", { class: "ss-empty" }, "No action has been raised yet. Actions are raised while a case is scored, or in a session."),
    FIRST.map(([name, title, note]) => list(screen, page, name, title, note)),
    rescores(screen, page.rescore),
    slips(page.slips),
    THEN.map(([name, title, note]) => list(screen, page, name, title, note)));
}

function rescores(screen, rows) {
  if (!rows.length) return null;
  const [signed, open] = [rows.filter((row) => row.compare), rows.filter((row) => !row.compare)];
  return section("Cases to score again",
    h("p", { class: "sf-muted" }, "You score blind: what was scored first is shown when you have signed, and not before."),
    open.length ? rescore_table(screen, `Cases with a gap in their first rating (${open.length})`, open) : null,
    signed.length ? rescore_table(screen, `Scored again and signed (${signed.length})`, signed) : null);
}

function rescore_table(screen, caption, rows) {
  return stacked_table({
    caption,
    head: ["Case", "Practitioner", "Due", "State", "Open"],
    rows: rows.map((row) => [
      row.case_label,
      row.practitioner_label,
      day_element(row.due),
      mark(row.days_late > 0 && row.state !== "signed" ? `${row.state_label}: ${plural(row.days_late, "day", "days")} late` : row.state_label,
        ...RESCORE_SHAPES[row.state]),
      rescore_button(screen, row),
    ]),
  });
}

function rescore_button(screen, row) {
  const { context } = screen;
  const [label, run] = row.compare
    ? ["Then and now", () => context.go("compare", { review: row.review })]
    : [row.state === "in_progress" ? "Go on" : "Score again", () => score_again(context, row)];
  const control = button(label, { kind: row.compare ? "quiet" : "", run });
  control.setAttribute("aria-label", `${label}: ${row.case_label}`);
  return control;
}

async function score_again(context, row) {
  const purpose = await purpose_of_sitting(context, "supervision");
  if (purpose !== null) context.go("score", { review: row.review, purpose });
}

function slips(rows) {
  if (!rows.length) return null;
  return section("Slipped more than once",
    h("ul", { class: "ss-elsewhere" }, rows.map((row) =>
      h("li", null, mark(`${row.practitioner_label ? `${row.practitioner_label}: ` : ""}${row.words}`, "late", "warn")))));
}

function list(screen, page, name, title, note) {
  const rows = page[name];
  if (!rows.length) return null;
  const cards = rows.map((row) => card(screen, page, row, name !== "closed"));
  if (name === "closed") {
    const open = rows.some((row) => row.action === screen.last?.action);
    return section(`${title} (${rows.length})`, h("details", { class: "ss-more", open },
      h("summary", null, `Show ${plural(rows.length, "closed action", "closed actions")}`), cards));
  }
  return section(`${title} (${rows.length})`, note ? h("p", { class: "sf-muted" }, note) : null, cards);
}

function card(screen, page, row, may_change) {
  if (!may_change || !row.may_write) return action_card(row, screen.last?.action === row.action ? take_back(screen, row) : null);
  const place = h("div", { class: "ss-place" });
  const openers = [];
  const open = (make, opener, focus = true) => open_form(screen, row, { place, make, opener, openers, focus });
  const add = (label, name, make, kind = "quiet") => {
    const control = button(label, { kind });
    control.setAttribute("aria-expanded", "false");
    control.setAttribute("aria-label", `${label}: ${row.action_kind_label}${row.case_label ? `, ${row.case_label}` : ""}`);
    control.addEventListener("click", () => open(make, control));
    openers.push(control);
    if (has_draft(screen.context, `${name}|${row.action}`)) queueMicrotask(() => open(make, control, false)); // begun before a reload
    return control;
  };
  return action_card(row,
    h("div", { class: "sf-row ss-acts" },
      row.evidence ? null : add("Seen in the record", "seen", (then) => seen_form(screen.context, row, then), ""),
      add("Move the date", "move", (then) => move_form(screen.context, row, then)),
      add("Close", "close", (then) => close_form(screen.context, row, page.choices.outcomes, then), row.evidence ? "" : "quiet")),
    screen.last?.action === row.action ? take_back(screen, row) : null,
    place);
}

/** Returns the way back from what was just saved: a further event that restores the action; both stay in the journal. */
function take_back(screen, row) {
  const { context, last } = screen;
  const line = save_line();
  const undo = async () => {
    const before = last.before;
    screen.busy = true;
    const receipt = await saved(context, line, {
      kind: "action_raised", review: row.review, subject: `action:${row.action}`, undoes: last.id,
      data: {
        action: row.action, action_kind: before.action_kind, text: before.text, owner: before.owner, due: before.due,
        review_date: before.review_date, criterion: before.criterion || null, linked: before.linked || null,
        practitioner: before.practitioner || null,
      },
    });
    screen.busy = false;
    if (!receipt) return;
    screen.last = null;
    await fill(screen, row.action);
    context.announce("Taken back, and saved.");
  };
  line.saved(last.at);
  return h("div", { class: "sf-row ss-took" }, line.element,
    h("button", { type: "button", class: "ss-link", on: { click: undo } }, "Take this back"));
}

function open_form(screen, row, { place, make, opener, openers, focus }) {
  const was_open = opener.getAttribute("aria-expanded") === "true";
  const shut = () => {
    screen.open = null;
    set_children(place);
    for (const one of openers) one.setAttribute("aria-expanded", "false");
  };
  shut();
  if (was_open) return opener.focus();
  opener.setAttribute("aria-expanded", "true");
  const form = make({
    done: async (receipt) => {
      screen.last = receipt.id ? { action: row.action, id: receipt.id, at: receipt.at, before: row } : null;
      await fill(screen, row.action);
      screen.context.announce("Saved.");
    },
    leave: () => {
      shut();
      opener.focus();
    },
  });
  screen.open = form;
  set_children(place, form.element);
  if (focus) form.focus();
}
