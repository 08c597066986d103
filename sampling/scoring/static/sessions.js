// Supervision sessions: those that were, and a new one. One session opens beside it (session.js).

import { button, field, focus_heading, h, plural, select, set_children, unique_id } from "./dom.js";
import { control, event_form } from "./action_forms.js";
import { day_element, mark, radios, section, show_failure, stacked_table } from "./screen_parts.js";
import { show_session } from "./session.js";

const GROUP = "group";
const RECORD_SHAPES = { draft: ["begun", "plain"], agreed: ["tick", "good"], disputed: ["unlike", "warn"] };

/** Shows the list of sessions, or one session. */
export async function show(root, context, params) {
  if (params.session) return show_session(root, context, params);
  const screen = { root, context, form: null };
  await fill(screen);
  return {
    dispose() {},
    before_leave: () => (screen.form?.filled() ? "What you typed is not saved, and this browser keeps nothing." : ""),
  };
}

async function fill(screen) {
  const { root, context } = screen;
  try {
    set_children(root, body(screen, await context.api.get("api/sessions")));
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  focus_heading(root);
}

function body(screen, page) {
  const open = page.sessions.filter((one) => one.state === "open").length;
  return h("div", { class: "sf-page sf-stack ss-screen" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, "Supervision sessions"),
      h("p", { class: "ss-lead" }, open ? `${plural(open, "session is", "sessions are")} not closed yet.` : "No session is open."),
      h("p", { class: "ss-note" }, page.coverage_note)),
    list(screen.context, page.sessions),
    page.may_open ? people(screen, page) : null);
}

function list(context, rows) {
  if (!rows.length) return h("p", { class: "ss-empty" }, "No session is recorded yet.");
  return section("Sessions", stacked_table({
    caption: `Newest first (${rows.length})`,
    head: ["Held on", "With", "Kind", "Record", "Cases", "Open"],
    rows: rows.map((row) => [
      day_element(row.held_on),
      row.with.join(", "),
      h("div", null, row.kind_label, h("p", { class: "ss-hint" }, row.counts ? "Counts to coverage" : "Does not count to coverage")),
      mark(row.state_label, ...(row.state === "open" ? ["hollow", "warn"] : RECORD_SHAPES[row.record_state])),
      row.ratio_words,
      open_button(context, row),
    ]),
  }));
}

function open_button(context, row) {
  const label = row.state === "open" ? "Go on" : "Read";
  const made = button(label, { kind: row.state === "open" ? "" : "quiet", run: () => context.go("session", { session: row.session }) });
  made.setAttribute("aria-label", `${label}: ${row.kind_label}, ${row.with.join(", ")}`);
  return made;
}

function people(screen, page) {
  const place = h("div");
  const open = (chosen, opener) => {
    const form = opening(screen, page, chosen, () => {
      screen.form = null;
      set_children(place);
      opener.focus();
    });
    screen.form = form;
    set_children(place, form.element);
    form.focus();
  };
  const several = new Set(page.pairs.map((row) => row.supervisor.key)).size > 1;
  return section("Who is supervised", stacked_table({
    caption: `Last formal one-to-one, and what is still open (${page.pairs.length})`,
    head: ["Supervisee", ...(several ? ["Supervisor"] : []), "Last formal one-to-one", "Open actions", "Cases discussed", "Session"],
    rows: page.pairs.map((row, chosen) => [row.supervisee.name, ...(several ? [row.supervisor.name] : []),
      row.last_formal ? day_element(row.last_formal) : h("span", { class: "sf-muted" }, "None recorded yet"),
      String(row.open_actions), row.ratio_words, start_button(row, (opener) => open(chosen, opener))]),
  }), place);
}

function start_button(row, open) {
  const made = button("Open a session", { kind: "quiet" });
  made.setAttribute("aria-label", `Open a session: ${row.supervisee.name}`);
  made.addEventListener("click", () => open(made));
  return made;
}

function opening(screen, page, chosen, leave) {
  const { context } = screen;
  const who = people_field(page.pairs);
  who.value = [String(chosen)];
  const kind = kind_field(page.kinds, (code) => who.many(code === GROUP));
  return event_form(context, {
    title: "Open a session",
    heading: "h3",
    name: `session|${page.pairs[chosen].supervisee.key}`,
    fields: { session_kind: kind, people: who, held_on: control("Held on", h("input", { type: "date", value: context.today() })) },
    submit: "Open the session",
    check: (given) => ({
      ...(given.session_kind ? {} : { session_kind: "Choose the kind of session." }),
      ...(given.people.length ? {} : { people: "Say with whom the session is." }),
      ...(given.held_on ? {} : { held_on: "Give the day." }),
    }),
    event: (given, session) => {
      const pairs = given.people.map((place) => page.pairs[Number(place)]);
      return {
        kind: "session_opened", review: session, subject: "session",
        data: {
          session_kind: given.session_kind, held_on: given.held_on, supervisor: pairs[0].supervisor.key,
          supervisees: pairs.map((pair) => pair.supervisee.key), anonymised: given.session_kind === GROUP,
        },
      };
    },
    done: (receipt, given, put) => context.go("session", { session: put.review }),
    leave,
  });
}

function kind_field(kinds, on_choose) {
  const made = radios({
    legend: "What kind of session?",
    options: kinds.map(({ code, label, note }) => ({ value: code, label, hint: note })),
    on_choose,
  });
  return {
    element: made.element,
    get value() { return made.value; },
    set value(code) { made.set(code); on_choose(code); },
    error: made.error,
    focus: made.focus,
  };
}

/** Returns the field for whom the session is with: one person, or several in a group. Its value is a list of places in `pairs`. */
function people_field(pairs) {
  const label = (pair) => (new Set(pairs.map((one) => one.supervisor.key)).size > 1 ? `${pair.supervisee.name} (supervisor: ${pair.supervisor.name})` : pair.supervisee.name);
  const options = pairs.map((pair, place) => ({ code: String(place), label: label(pair) }));
  const one = field({ label: "With whom?", control: select(options, { empty: options.length > 1 ? "Choose a person" : "" }) });
  const boxes = options.map(({ code, label: words }) => {
    const id = unique_id("person");
    const input = h("input", { type: "checkbox", id, value: code });
    return { input, element: h("div", { class: "ss-option" }, input, h("label", { for: id }, words)) };
  });
  const error = h("p", { class: "ss-error", hidden: true });
  const several = h("fieldset", { class: "ss-choice" }, h("legend", null, "With whom? The cases of a group are anonymised."), error, h("div", { class: "ss-options" }, boxes.map((box) => box.element)));
  let many = false;
  several.hidden = true;
  return {
    element: h("div", null, one.element, several),
    many(yes) {
      many = yes;
      one.element.hidden = yes;
      several.hidden = !yes;
    },
    get value() {
      if (many) return boxes.filter((box) => box.input.checked).map((box) => box.input.value);
      return one.control.value ? [one.control.value] : [];
    },
    set value(places) {
      one.control.value = places[0] ?? "";
      for (const box of boxes) box.input.checked = places.includes(box.input.value);
    },
    error(sentence) {
      one.error(many ? "" : sentence);
      error.hidden = !many || !sentence;
      error.textContent = `Error: ${sentence}`;
    },
    focus: () => (many ? boxes[0].input : one.control).focus(),
  };
}
