// What a session was: the functions of supervision that it served and what policies ask of it; and judgements that were endorsed in it.

import { button, h, select, set_children, unique_id } from "./dom.js";
import { choice, control, event_form } from "./action_forms.js";
import { has_draft } from "./drafts.js";
import { know, unsaved_data } from "./live.js";
import { facts, mark, radios } from "./screen_parts.js";
import { text_field } from "./texts.js";

const SUBJECT = "described";
const ANSWERS = [{ value: "yes", label: "Yes" }, { value: "no", label: "No" }, { value: "", label: "Not said" }];
const SAID = new Map([["yes", true], ["no", false], ["", null]]);
const OUTCOME_SHAPES = { endorsed: "tick", endorsed_with_change: "one_step", not_endorsed: "none" };

const word_of = (answer) => [...SAID].find(([, value]) => value === answer)[0];

/** Returns what two pages said otherwise, in words, for whoever says which one stands; "" for what is not of this part. */
export function described_words(page, data) {
  const label = (options, code) => options.find((one) => one.code === code)?.label ?? "";
  if (data?.outcome && data.endorsement) return `${label(page.points, data.point)}: ${label(page.endorsements, data.outcome).toLowerCase()}`;
  if (!data?.functions) return "";
  const served = data.functions.map((code) => label(page.described.functions, code).split(":")[0]).join(", ") || "none named";
  const answers = page.described.asked.filter((one) => typeof data[one.code] === "boolean").map((one) => `${one.label}: ${data[one.code] ? "yes" : "no"}`);
  return [`Functions: ${served}`, ...answers].join(". ");
}

/** Returns the four functions and the questions: each is saved as it is chosen. */
export function described_part(screen) {
  const { page } = screen;
  const { functions, asked } = page.described;
  const heading = h("h3", null, "What the session was");
  if (page.read_only) {
    return h("div", { class: "sf-stack" }, heading, h("p", null, page.described.words),
      facts(asked.map((one) => [one.label, ANSWERS.find(({ value }) => value === word_of(one.answer)).label])));
  }
  return h("div", { class: "sf-stack ss-live" }, heading, screen.words.described, ...questions(screen, functions, asked));
}

function questions(screen, functions, asked) {
  const { context, page, session } = screen;
  const brought = {
    functions: functions.filter((one) => one.served).map((one) => one.code),
    ...Object.fromEntries(asked.map((one) => [one.code, one.answer])),
  };
  know(context, session, SUBJECT, page.described.revision);
  const state = { ...brought, ...unsaved_data(context, session, SUBJECT) };
  const store = () => context.save.put({ kind: "session_described", review: session, subject: SUBJECT, data: { ...state } });
  const served = boxes("Which functions of supervision did it serve?", functions, state.functions, (chosen) => {
    state.functions = chosen;
    store();
  });
  screen.fields.set(SUBJECT, served);
  const answers = asked.map((one) => radios({
    legend: one.label, hint: one.source, inline: true, value: word_of(state[one.code]), options: ANSWERS,
    on_choose: (value) => {
      state[one.code] = SAID.get(value);
      store();
    },
  }).element);
  return [h("div", { class: "ss-item" }, served.element), h("div", { class: "ss-item" }, answers)];
}

/** Returns a group of boxes to tick: {element, error}. `on_change` is given the codes that are ticked, in the order of `options`. */
function boxes(legend, options, chosen, on_change) {
  const error = h("p", { class: "ss-error", id: unique_id("error"), hidden: true });
  const inputs = options.map(({ code }) => h("input", {
    type: "checkbox", id: unique_id("function"), value: code, checked: chosen.includes(code),
    on: { change: () => on_change(inputs.filter((one) => one.checked).map((one) => one.value)) },
  }));
  const element = h("fieldset", { class: "ss-choice" }, h("legend", null, legend), error,
    h("div", { class: "ss-options" }, options.map(({ label }, place) =>
      h("div", { class: "ss-option" }, inputs[place], h("label", { for: inputs[place].id }, label)))));
  return {
    element,
    error(sentence) {
      error.hidden = !sentence;
      error.textContent = sentence ? `Error: ${sentence}` : "";
      if (sentence) element.setAttribute("aria-describedby", error.id);
      else element.removeAttribute("aria-describedby");
    },
  };
}

/** Returns the judgements at key points that were looked at, and the supervisor's form for one more. */
export function endorsed_part(screen) {
  const { context, page, session } = screen;
  const may = !page.read_only && context.me.person.key === page.supervisor.key;
  const place = h("div");
  const opener = button("Note a judgement", { kind: "quiet" });
  const open = (row, from, focus = true) => {
    opener.hidden = true;
    const form = endorsing(screen, row, {
      done: () => screen.fill(".ss-endorse", "Saved."),
      leave: () => {
        screen.form = null;
        set_children(place);
        opener.hidden = false;
        from.focus();
      },
    });
    screen.form = form;
    set_children(place, form.element);
    if (focus) form.focus();
  };
  opener.classList.add("ss-endorse");
  opener.addEventListener("click", () => open(null, opener));
  if (may && has_draft(context, `endorse|${session}`)) open(null, opener, false); // begun before a reload
  return h("div", { class: "sf-stack" }, h("h3", null, "Judgements at key points"),
    page.endorsed.length
      ? h("ul", { class: "ss-elsewhere" }, page.endorsed.map((row) => h("li", null, endorsed(row, may ? open : null))))
      : h("p", { class: "ss-empty" }, "None was noted."),
    may && cases_of(page).length ? h("p", null, opener) : null, place);
}

function endorsed(row, open) {
  const change = open ? button("Change", { kind: "quiet small", name: `Change: ${row.case_label}, ${row.point_label}` }) : null;
  change?.addEventListener("click", () => open(row, change));
  return h("div", { class: "sf-row" }, mark(row.outcome_label, OUTCOME_SHAPES[row.outcome]),
    h("span", null, `${row.case_label}: ${row.point_label.toLowerCase()}`), row.reference ? h("span", { class: "sf-muted" }, `(${row.reference})`) : null, change);
}

/** Returns the cases of the session's people, those that were discussed first. */
function cases_of(page) {
  return [...page.discussed, ...page.available].map((row) => ({ code: row.case, label: row.case_label }));
}

function endorsing(screen, row, { done, leave }) {
  const { context, page, session } = screen;
  if (row) know(context, session, `endorsed:${row.endorsement}`, row.revision);
  const cases = cases_of(page);
  return event_form(context, {
    title: row ? "Change what was noted" : "A judgement at a key point",
    name: row ? `endorse|${row.endorsement}` : `endorse|${session}`,
    fields: {
      case: control("Which case?", select(cases, { value: row?.case ?? (cases.length === 1 ? cases[0].code : ""), empty: "Choose a case" })),
      point: control("What was decided?", select(page.points, { value: row?.point ?? "", empty: "Choose" })),
      outcome: choice("Does the supervisor endorse it?", page.endorsements, row?.outcome ?? null),
      reference: text_field(context, ["judgement_endorsed", "reference"], {
        label: "Where does the case record say so? (optional)", line: true, value: row?.reference ?? "", hint: "Date and kind of note are enough.",
      }),
    },
    submit: "Save",
    check: (given) => ({
      ...(given.case ? {} : { case: "Say which case it is about." }),
      ...(given.point ? {} : { point: "Say what was decided." }),
      ...(given.outcome ? {} : { outcome: "Say whether it is endorsed." }),
    }),
    event: (given, id) => {
      const endorsement = row?.endorsement ?? id;
      return {
        kind: "judgement_endorsed", review: session, subject: `endorsed:${endorsement}`,
        data: { endorsement, case: given.case, point: given.point, outcome: given.outcome, reference: given.reference.trim() },
      };
    },
    done,
    leave,
  });
}
