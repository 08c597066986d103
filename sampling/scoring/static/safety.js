// The side note of a critical criterion at level 0: does anyone need to act today? Asked once each; it never stands in the way.

import { button, date_words, day_after, field, h, text, unique_id } from "./dom.js";

const ANSWERS = [
  ["nobody", "Nobody needs to act today"],
  ["acting_now", "Yes, it is being done now"],
  ["handed_over", "Yes, I have handed it over"],
];
const SHORT = 40; // characters of a name and role: with day and time it is one short line, which every policy keeps
const HANDED = /^Handed over to (.+) on (\d{4}-\d{2}-\d{2}) at (\d{2}:\d{2})\.$/s;

/** The side notes of critical criteria at level 0: asked once each, answered when there is time, due today. */
export function create_safety(model, { context, answer, raise }) {
  const element = h("div", { class: "sf-safety-notes" });
  const shown = new Map(); // ref -> note

  function draw({ off }) {
    for (const { ref } of model.criteria) {
      const wanted = !off && (model.asks_safety(ref) || (shown.has(ref) && model.of(ref).level === 0 && model.by_ref.get(ref).critical));
      if (wanted && !shown.has(ref)) {
        shown.set(ref, create_note(ref, { model, context, answer, raise }));
        element.append(shown.get(ref).element);
        context.announce(`${model.name(ref)} is at level 0. Does anyone need to act today? You can go on scoring; the question stays beside the criteria.`);
      }
      if (!wanted && shown.has(ref)) {
        shown.get(ref).element.remove();
        shown.delete(ref);
      }
      shown.get(ref)?.draw();
    }
  }

  return { element, draw };
}

function create_note(ref, { model, context, answer, raise }) {
  const { number, title } = model.by_ref.get(ref);
  const due = date_words(day_after(model.payload.today, model.policy.safety_due_days));
  const name = unique_id("safety");
  const handover = create_handover(model.payload.today, (words) => answer(ref, "handed_over", words));
  let handing = false; // chosen, and nothing stored yet: to whom and when is not said
  const choose = (code) => {
    handing = code === "handed_over";
    if (!handing) return answer(ref, code, "");
    draw();
    handover.begin();
  };
  const inputs = ANSWERS.map(([code, label]) => {
    const input = h("input", { type: "radio", name, value: code, id: unique_id("answer"), on: { change: () => choose(code) } });
    return { input, row: h("label", { class: "sf-choice", for: input.id }, input, label) };
  });
  const act = button("Record it as an action, due today", { kind: "small", run: () => raise(ref) });
  const done = button("Close this note", { kind: "quiet small", run: close });
  const element = h(
    "fieldset",
    { class: "sf-safety" },
    h("legend", null, h("span", { "aria-hidden": "true" }, "‡ "), "Does anyone need to act today?"),
    h("p", { class: "sf-hint" }, `Criterion ${number}, ${title}, is critical and at level 0. Due today, ${due}. You can go on scoring meanwhile.`),
    h("div", { class: "sf-row" }, inputs.map((one) => one.row)),
    handover.element,
    h("div", { class: "sf-row" }, act, done),
  );

  function close() {
    element.hidden = true;
    context.announce("The note is closed; the answer is kept.");
  }

  function draw() {
    const stored = model.of(ref).safety;
    if (stored?.answer === "handed_over" && stored.note) handing = false;
    const chosen = handing ? "handed_over" : (stored?.answer ?? "");
    for (const { input } of inputs) input.checked = input.value === chosen;
    handover.draw({ shown: chosen === "handed_over", note: stored?.answer === "handed_over" ? stored.note : "" });
    act.hidden = !chosen || chosen === "nobody";
    done.hidden = !chosen || handing;
  }

  return { element, draw };
}

/** To whom it was handed over, and when: both are needed, and nothing is stored before they are given. */
function create_handover(today, put) {
  const who = field({ label: "To whom (name and role)", control: h("input", { type: "text", maxlength: String(SHORT), autocomplete: "off" }) });
  const day = field({ label: "On which day", control: h("input", { type: "date", max: today, value: today }) });
  const time = field({ label: "At what time", control: h("input", { type: "time" }) });
  const fields = [who, day, time];
  const state = h("p", { class: "sf-hint", role: "status" });
  const element = h("div", { class: "sf-handover", hidden: true }, h("div", { class: "sf-grid" }, fields.map((one) => one.element)), state);
  let kept = "";

  function changed() {
    const [person, on, at] = fields.map((one) => one.control.value.trim());
    day.error(on > today ? "That day is still to come." : "");
    if (!person || !on || !at || on > today) return say();
    const words = `Handed over to ${person} on ${on} at ${at}.`;
    if (words !== kept) put(words);
    return undefined;
  }

  function say() {
    text(state, kept ? "" : "This answer is not stored yet: say to whom you handed it over, and when.");
  }

  for (const one of fields) one.control.addEventListener("change", changed);
  return {
    element,
    begin: () => who.control.focus(),
    draw({ shown, note }) {
      element.hidden = !shown;
      if (note !== kept) {
        kept = note;
        const found = HANDED.exec(note);
        if (found) fields.forEach((one, place) => document.activeElement !== one.control && Object.assign(one.control, { value: found[place + 1] }));
      }
      if (shown) say();
    },
  };
}
