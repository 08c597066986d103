// The four things that happen to an action: raised, seen in the record, moved with a reason, closed. Each form says when it is saved, and
// keeps what was typed until then.

import { button, day_after, field, h, select, unique_id } from "./dom.js";
import { draft } from "./drafts.js";
import { know } from "./live.js";
import { TAKEN_BACK } from "./model.js";
import { day_words, radios, save_line, saved } from "./screen_parts.js";
import { line_length, text_field, text_rule } from "./texts.js";

/**
 * Returns a form for one event: {element, focus(), filled()}.
 * `fields` is name -> {element, value, error, focus}; `event(values, id)` is what is put, `id` the form's own for what it makes, the same after
 * a reload; `check(values)` returns name -> sentence for what is wrong; `done(receipt, values, event)` runs after the commit; `leave()` closes
 * the form; `heading` is one level below what the form stands under. What an earlier page handed over, and whose answer was lost, is asked
 * for under its own id; words that were changed since are a change of it.
 */
export function event_form(context, { title, name, fields: given_fields, submit, check, event, done, leave, notes = [], heading = "h4" }) {
  const fields = Object.fromEntries(Object.entries(given_fields).filter(([, one]) => one !== null)); // a text that may not stand is left out
  const line = save_line();
  const kept = draft(context, name);
  const values = () => Object.fromEntries(Object.entries(fields).map(([key, one]) => [key, one.value]));
  for (const [key, one] of Object.entries(fields)) if (kept.values?.[key] !== undefined) one.value = kept.values[key]; // "" too: what was cleared stays cleared
  let running = false;
  let last = "";
  let left = false;

  async function send(submitted) {
    submitted.preventDefault();
    if (running) return;
    const given = values();
    const wrong = check(given);
    for (const [key, one] of Object.entries(fields)) one.error(wrong[key] ?? "");
    const first = Object.keys(fields).find((key) => wrong[key]);
    if (first) {
      fields[first].focus();
      context.announce(wrong[first]);
      return;
    }
    await hand_over(event(given, kept.id), given);
  }

  async function hand_over(put, given) {
    running = true;
    if (kept.revision && kept.subject === put.subject) know(context, put.review, put.subject, kept.revision);
    const receipt = await saved(context, line, put, (sent) => {
      last = sent.id;
      kept.sending(sent, given);
      if (changed(given)) kept.keep(values()); // since an earlier page handed it over
    });
    running = false;
    if (left || receipt?.gone) return; // what is thrown away is not written down again
    if (!receipt) return kept.answered(values());
    last = "";
    if (!changed(given)) kept.drop();
    else kept.answered(values(), receipt.revision, put.subject);
    if (changed(given) && receipt.status !== "conflict") {
      line.changed();
      context.announce("Saved as you sent it. What you have changed since is not saved yet.");
      return;
    }
    for (const one of Object.values(fields)) one.sent?.();
    await done(receipt, given, put);
  }

  const changed = (given) => JSON.stringify(values()) !== JSON.stringify(given);

  function cancel() {
    left = true;
    kept.drop();
    for (const one of Object.values(fields)) one.forget?.();
    if (last) context.save.drop?.(last);
    leave();
  }

  const id = unique_id("form");
  const element = h("form", { class: "ss-form", "aria-labelledby": id, novalidate: true, on: { submit: send, input: () => kept.keep(values()) } },
    h(heading, { id, class: "ss-form-title", tabindex: "-1" }, title),
    notes,
    Object.values(fields).map((one) => one.element),
    h("div", { class: "sf-row" },
      h("button", { type: "submit", class: "sf-button primary" }, submit),
      leave ? button("Cancel", { kind: "quiet", run: cancel }) : null),
    line.element);
  if (kept.revision) line.changed();
  if (kept.sent) queueMicrotask(() => hand_over(kept.sent.event, kept.sent.values));
  return { element, focus: () => Object.values(fields)[0].focus(), restored: kept.values !== null,
    filled: () => !kept.kept && Object.values(values()).some((value) => value && String(value).trim()) };
}

/** Returns a form's field around one control: {element, value, error, focus}. */
export function control(label, element, hint = "") {
  const made = field({ label, control: element, hint });
  return {
    element: made.element,
    get value() { return element.value; },
    set value(words) {
      element.value = words;
      element.dispatchEvent(new Event("change"));
    },
    error: made.error,
    focus: () => element.focus(),
  };
}

function date_control(label, value, hint = "") {
  return control(label, h("input", { type: "date", value }), hint);
}

/** Returns a group of radio buttons as a form's field. */
export function choice(legend, options, value = null) {
  const made = radios({ legend, options: options.map(({ code, label }) => ({ value: code, label })), value });
  return {
    element: made.element,
    get value() { return made.value; },
    set value(code) { made.set(code); },
    error: made.error,
    focus: made.focus,
  };
}

function common(row, kind, data) {
  return { kind, review: row.review, subject: `action:${row.action}`, data: { action: row.action, ...data } };
}

/** Returns the form that says when and where an action was seen in the record. */
export function seen_form(context, row, { done, leave }) {
  return event_form(context, {
    title: "Seen in the case record",
    name: `seen|${row.action}`,
    fields: {
      seen_on: date_control("On which day did you see it?", context.today()),
      reference: control("Where in the record?", h("input", { type: "text", maxlength: line_length(context, ["action_seen_in_record", "reference"]) }),
        "Date and kind of note are enough, for example: crisis plan of 12 Nov. Do not copy the note."),
    },
    submit: "Save",
    check: ({ seen_on, reference }) => ({
      ...(!seen_on ? { seen_on: "Give the day on which you saw it." } : seen_on > context.today() ? { seen_on: "That day is still to come." } : {}),
      ...(reference.trim() ? {} : { reference: "Say where in the record you saw it." }),
    }),
    event: ({ seen_on, reference }) => common(row, "action_seen_in_record", { seen_on, reference: reference.trim() }),
    done,
    leave,
  });
}

/** Returns the form that gives an action another date, with the reason. The old date stays beside it. */
export function move_form(context, row, { done, leave }) {
  const review_only = row.needs === "review";
  const due = date_control("New due date", "", `It was ${day_words(row.due)}.`);
  const fields = {
    reason: text_field(context, ["action_moved", "reason"], { label: "Why is the date moved?", hint: "The old date and this reason both stay." }),
    ...(review_only ? {} : { due }),
    review_date: date_control("New review date", "", `It was ${day_words(row.review_date)}. On this day you look at it together.`),
  };
  return event_form(context, {
    title: "Move the date",
    name: `move|${row.action}`,
    fields,
    submit: "Save the new date",
    check: (given) => moved_wrongly(given, { row, review_only, today: context.today() }),
    event: (given) => common(row, "action_moved", {
      due: review_only ? row.due : given.due, review_date: given.review_date, reason: given.reason.trim(),
    }),
    done,
    leave,
  });
}

function moved_wrongly(given, { row, review_only, today }) {
  const wrong = {};
  const due = review_only ? row.due : given.due;
  if (!given.reason.trim()) wrong.reason = "Say why the date is moved.";
  if (!review_only && !due) wrong.due = "Give the new due date.";
  else if (!review_only && due < today) wrong.due = "That day is past. Give today or a later day.";
  if (!given.review_date) wrong.review_date = "Give the new review date.";
  else if (due && given.review_date < due) wrong.review_date = "An action is reviewed on or after the day on which it is due.";
  return wrong;
}

/** Returns the form that ends an action: done, or given up for a reason. */
export function close_form(context, row, outcomes, { done, leave }) {
  return event_form(context, {
    title: "Close the action",
    name: `close|${row.action}`,
    fields: {
      outcome: choice("How did it end?", outcomes),
      text: text_field(context, ["action_closed", "text"], { label: "In a few words (needed when it was not done)", not_offered: [TAKEN_BACK] }),
    },
    submit: "Close the action",
    check: ({ outcome, text }) => ({
      ...(outcome ? {} : { outcome: "Choose how it ended." }),
      ...(outcome && outcome !== "done" && !text.trim() ? { text: "Say why the action ends without being done." } : {}),
    }),
    event: ({ outcome, text }) => common(row, "action_closed", { outcome, text: text.trim() }),
    done,
    leave,
  });
}

/** Returns the hints for a good action: specific, measurable, achievable, timed; and what if it goes wrong. */
export function smart_hints(smart) {
  return h("details", { class: "ss-more" }, h("summary", null, "What makes a good action"),
    h("dl", { class: "ss-facts" }, smart.map((one) => h("div", null, h("dt", null, one.word), h("dd", null, one.hint)))));
}

/** Returns the form that raises an action in a session. There is no action without an owner and a due date. */
export function raise_form(context, { session, choices, review_after_days, practitioners }, { done, leave }) {
  const due = day_after(context.today(), review_after_days);
  const options = practitioners.map(({ key, name }) => ({ code: key, label: name }));
  const kind_words = (code) => choices.action_kinds.find((one) => one.code === code)?.label ?? ""; // where no other words may stand
  const fields = {
    action_kind: control("What kind of action?", select(choices.action_kinds, { value: "other" })),
    text: text_rule(context, ["action_raised", "text"]) ? null : text_field(context, ["action_raised", "text"], { label: "What will be done?", hint: "What will be different in the record, and how will both of you see it?" }),
    owner: control("Who does it?", select(choices.owners, { empty: "Choose a person" })),
    ...(options.length > 1 ? { practitioner: control("Whose work is it about?", select(options, { empty: "Choose a person" })) } : {}),
    due: date_control("By when?", due),
    review_date: date_control("When do you look at it together?", due),
  };
  return event_form(context, {
    title: "Agree an action",
    name: `raise|${session}`,
    fields,
    submit: "Save the action",
    notes: [smart_hints(choices.smart)],
    check: (given) => raised_wrongly(given, context.today()),
    event: (given, action) => ({
      kind: "action_raised", review: session, subject: `action:${action}`,
      data: {
        action, action_kind: given.action_kind, text: given.text?.trim() ?? kind_words(given.action_kind), owner: given.owner, due: given.due,
        review_date: given.review_date, practitioner: given.practitioner ?? options[0]?.code ?? null,
      },
    }),
    done,
    leave,
  });
}

function raised_wrongly(given, today) {
  const wrong = {};
  if (given.text?.trim() === "") wrong.text = "Say what will be done.";
  if (!given.owner) wrong.owner = "An action needs an owner.";
  if (given.practitioner === "") wrong.practitioner = "Say whose work it is about.";
  if (!given.due) wrong.due = "An action needs a due date.";
  else if (given.due < today) wrong.due = "That day is past. Give today or a later day.";
  if (!given.review_date) wrong.review_date = "An action needs a review date.";
  else if (given.due && given.review_date < given.due) wrong.review_date = "An action is reviewed on or after the day on which it is due.";
  return wrong;
}
