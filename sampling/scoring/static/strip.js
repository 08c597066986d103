// All criteria at a glance: number over answer, one press away. Blank, 0, not applicable and not accessible are four different signs.

import { h, text } from "./dom.js";

const SIGNS = { not_applicable: "n/a", not_accessible: "n/r" };

/** @param {any} model @param {(ref: string) => void} open */
export function create_strip(model, open) {
  const cells = model.criteria.map(({ ref, number, rubric }, place) => {
    const sign = h("span", { class: "sf-cell-sign", "aria-hidden": "true" });
    const words = h("span", { class: "sf-visually-hidden" });
    const starts = place > 0 && model.criteria[place - 1].rubric.id !== rubric.id;
    const cell = h("button", { type: "button", class: "sf-cell", on: { click: () => open(ref) } }, h("span", { class: "sf-cell-number", "aria-hidden": "true" }, number), sign, words);
    return { ref, cell, sign, words, item: h("li", { class: starts ? "starts" : "" }, cell) };
  });
  const element = h("nav", { class: "sf-strip", "aria-label": "All criteria" }, h("ol", { class: "sf-plain" }, cells.map((one) => one.item)));

  /** @param {string} active */
  function draw(active) {
    for (const { ref, cell, sign, words } of cells) {
      const { level, code } = model.of(ref);
      const owed = model.owed(ref).filter((one) => one.kind !== "level").map((one) => one.words);
      text(sign, level !== null ? String(level) : (SIGNS[code] ?? "–"));
      text(words, `${model.name(ref)}: ${[model.answer_words(ref), ...owed].join(", ")}`);
      cell.title = words.textContent;
      cell.classList.toggle("scored", model.is_scored(ref));
      cell.classList.toggle("owes", owed.length > 0);
      if (ref === active) cell.setAttribute("aria-current", "step");
      else cell.removeAttribute("aria-current");
    }
  }

  return { element, draw };
}
