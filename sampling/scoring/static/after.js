// What the last answer asks for: evidence, a comment and actions. It never stands in the way.

import { button, h, set_children } from "./dom.js";

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
