// What the last answer asks for: evidence, a comment, actions, and whether someone needs to act today. It never stands in the way.

import { button, date_words, day_after, h, set_children, unique_id } from "./dom.js";

const ANSWERS = [
  ["nobody", "Nobody needs to act today"],
  ["acting_now", "Yes, it is being done now"],
  ["handed_over", "Yes, I have handed it over"],
];

/**
 * The line about the criterion that was scored last, once the form has gone on from it: the actions that its gap raises and, where the
 * person has chosen to go on at once, the evidence or comment that it still needs. The keys lead back to it (desk.js).
 */
export function create_after(model, keys, act) {
  const element = h("div", { class: "sf-after", hidden: true, role: "group", "aria-label": "What the last answer still needs" });
  let ref = "";

  /** @param {{off: boolean, active: string}} how */
  function draw({ off, active }) {
    const away = ref && ref !== active && !off; // what is open says for itself what it needs
    const owed = away ? model.owed(ref).filter((one) => one.kind !== "level") : [];
    const kinds = away ? model.gap_kinds(ref) : [];
    element.hidden = owed.length === 0 && kinds.length === 0;
    const said = element.hidden ? "" : JSON.stringify([ref, model.answer_words(ref), owed, kinds]);
    if (element.dataset.said === said) return;
    element.dataset.said = said;
    if (element.hidden) return set_children(element);
    const { number } = model.by_ref.get(ref);
    const press = { evidence: ["Evidence", "score.evidence", act.evidence], comment: ["Comment", "score.comment", act.comment] };
    const buttons = owed.map((one) => button(press[one.kind][0], { kind: "small", key: keys.print(press[one.kind][1]), run: press[one.kind][2] }));
    const gap = kinds.length ? button(kinds.length > 1 ? `Its ${kinds.length} linked actions` : "Its action", { kind: "small", key: keys.print("score.action"), run: act.action }) : null;
    const words = owed.length ? ` ${owed.map((one) => one.words).join(" and ")}.` : " a gap.";
    set_children(element, h("p", null, h("span", { "aria-hidden": "true" }, "▲ "), h("strong", null, `Criterion ${number}`), `, ${model.answer_words(ref).toLowerCase()}:${words}`), buttons, gap);
  }

  return {
    element,
    draw,
    get ref() {
      return ref;
    },
    set ref(value) {
      ref = value;
    },
    /** Whether that criterion still lacks what the key would bring. @param {string} kind */
    wants: (kind) => Boolean(ref) && (kind === "action" ? model.gap_kinds(ref).length > 0 : model.owed(ref).some((one) => one.kind === kind)),
  };
}

/** The side notes of critical criteria at level 0: asked once each, answered when there is time, due today. */
export function create_safety(model, { context, answer, raise }) {
  const element = h("div", { class: "sf-safety-notes" });
  const shown = new Map(); // ref -> note

  function draw({ off }) {
    for (const { ref } of model.criteria) {
      const wanted = !off && (model.asks_safety(ref) || (shown.has(ref) && model.of(ref).level === 0 && model.by_ref.get(ref).critical));
      if (wanted && !shown.has(ref)) {
        shown.set(ref, note(ref));
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

  function note(ref) {
    const { number, title } = model.by_ref.get(ref);
    const due = date_words(day_after(model.payload.today, model.policy.safety_due_days));
    const name = unique_id("safety");
    const inputs = ANSWERS.map(([code, label]) => {
      const input = h("input", { type: "radio", name, value: code, id: unique_id("answer"), on: { change: () => answer(ref, code) } });
      return { input, row: h("label", { class: "sf-choice", for: input.id }, input, label) };
    });
    const act = button("Record it as an action, due today", { kind: "small", run: () => raise(ref) });
    const done = button("Close this note", { kind: "quiet small", run: close });
    const made = h(
      "fieldset",
      { class: "sf-safety" },
      h("legend", null, h("span", { "aria-hidden": "true" }, "‡ "), "Does anyone need to act today?"),
      h("p", { class: "sf-hint" }, `Criterion ${number}, ${title}, is critical and at level 0. Due today, ${due}. You can go on scoring meanwhile.`),
      h("div", { class: "sf-row" }, inputs.map((one) => one.row), act, done),
    );
    function close() {
      made.hidden = true;
      context.announce("The note is closed; the answer is kept.");
    }
    return {
      element: made,
      draw: () => {
        const chosen = model.of(ref).safety?.answer ?? "";
        for (const { input } of inputs) input.checked = input.value === chosen;
        act.hidden = !chosen || chosen === "nobody";
        done.hidden = !chosen;
      },
    };
  }

  return { element, draw };
}
