// How a session ends: actions agreed, the session closed, both signatures, and each person's own copy.

import { button, h, set_children } from "./dom.js";
import { action_card } from "./action_card.js";
import { control, event_form, raise_form } from "./action_forms.js";
import { has_draft } from "./drafts.js";
import { know } from "./live.js";
import { moment_words, save_line, saved, sentences_of } from "./screen_parts.js";
import { sign_form, signatures } from "./sign.js";
import { text_field } from "./texts.js";

/** Returns the actions that were raised here, and the form for one more. */
export function actions_part(screen) {
  const { context, page } = screen;
  const place = h("div");
  const opener = button("Agree an action", {});
  const open = (focus = true) => {
    opener.hidden = true;
    const form = raise_form(context, { session: screen.session, choices: page.choices, review_after_days: page.review_after_days, practitioners: page.supervisees }, {
      done: () => screen.fill(".ss-raise", "Saved."),
      leave: () => {
        screen.form = null;
        set_children(place);
        opener.hidden = false;
        opener.focus();
      },
    });
    screen.form = form;
    set_children(place, form.element);
    if (focus) form.focus();
  };
  opener.classList.add("ss-raise");
  opener.addEventListener("click", () => open());
  if (!page.read_only && has_draft(context, `raise|${screen.session}`)) open(false); // begun before a reload
  return h("div", { class: "sf-stack" }, h("h3", null, "Actions agreed here"),
    page.actions.length ? page.actions.map((row) => action_card(row)) : h("p", { class: "ss-empty" }, "None yet."),
    page.read_only ? null : h("p", null, opener), place);
}

/** Returns the closing of the session, or what it was closed with. */
export function close_part(screen) {
  const { page } = screen;
  if (page.close.closed) return closed(screen);
  if (page.read_only) return h("p", { class: "sf-muted" }, page.close.message || "The session is not closed yet.");
  return h("div", { class: "sf-stack" }, h("h3", { class: "ss-closing", tabindex: "-1" }, "Close the session"), screen.words.close, closing(screen).element);
}

function closing(screen) {
  const { context, page } = screen;
  know(context, screen.session, "session", page.revision);
  return event_form(context, {
    title: "Time and closing words",
    name: `close|${screen.session}`,
    fields: {
      minutes: control("How many minutes did it take?", h("input", { type: "number", min: "1", max: "1440", step: "1", inputmode: "numeric" })),
      note: text_field(context, ["session_closed", "note"], { label: "Closing words (optional)", hint: page.close.hint, words: screen.aside.words }),
    },
    submit: "Close the session",
    check: ({ minutes }) => {
      const given = Number(minutes);
      if (!Number.isInteger(given) || given < 1 || given > 1440) return { minutes: "Say how many minutes the session took: a whole number." };
      return screen.page.close.may ? {} : { minutes: screen.page.close.message };
    },
    event: ({ minutes, note }) => ({
      kind: "session_closed", review: screen.session, subject: "session", data: { minutes: Number(minutes), note: note.trim() },
    }),
    done: () => screen.fill(".ss-sign button", "Closed, and saved."),
  });
}

function closed(screen) {
  const { context, page } = screen;
  const { minutes, note, at, id, may_take_back } = page.close.closed;
  const line = save_line();
  const again = async () => {
    know(context, screen.session, "session", page.revision);
    const receipt = await saved(context, line, {
      kind: "session_opened", review: screen.session, subject: "session", undoes: id,
      data: {
        session_kind: page.session_kind, held_on: page.held_on, supervisor: page.supervisor.key,
        supervisees: page.supervisees.map((one) => one.key), anonymised: page.anonymised,
      },
    });
    if (receipt) await screen.fill(".ss-closing", "The session is open again.");
  };
  return h("div", { class: "sf-stack" },
    h("p", null, `Closed ${moment_words(at)} after ${minutes} minutes.`), note ? h("p", { class: "ss-comment" }, note) : null,
    may_take_back
      ? h("p", null, h("button", { type: "button", class: "ss-link", on: { click: again } }, "Take the closing back"),
        h("span", { class: "ss-hint" }, " Signatures then no longer stand."))
      : null,
    line.element);
}

/** Returns who has signed the record, and the form to sign it. */
export function signatures_part(screen) {
  const { context, page } = screen;
  if (page.state !== "closed") return h("p", { class: "ss-hint" }, "Both sign when the session is closed.");
  return h("div", { class: "sf-stack" }, h("h3", { class: "ss-signed", tabindex: "-1" }, "Signatures"), signatures(page.signatures),
    page.sign_as
      ? sign_form(context, { review: screen.session, role: page.sign_as, statement: page.statement, content: page.content },
        { label: `Sign as ${page.sign_as}`, done: () => screen.fill(".ss-signed", "Signed, and saved.") })
      : null);
}

/** Returns the person's own copy as text. */
export function copy_part(screen) {
  const { context, page } = screen;
  if (!page.copy || page.state !== "closed") return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(page.copy);
      context.announce("Copied.");
    } catch (error) {
      context.alert(`Not copied. ${sentences_of(error).join(" ")}`);
    }
  };
  const download = () => {
    const address = URL.createObjectURL(new Blob([page.copy], { type: "text/plain;charset=utf-8" }));
    const link = h("a", { href: address, download: `session-${page.held_on}.txt` });
    link.click();
    URL.revokeObjectURL(address);
  };
  return h("div", { class: "sf-stack" }, h("h3", null, "Your own copy"),
    h("p", { class: "sf-muted" }, "The record belongs to both of you."),
    h("p", { class: "sf-row" }, button("Save as a file", { run: download }), button("Copy the text", { kind: "quiet", run: copy })),
    h("details", { class: "ss-more" }, h("summary", null, "Show the copy"), h("pre", { class: "ss-copy", tabindex: "0" }, page.copy)));
}
