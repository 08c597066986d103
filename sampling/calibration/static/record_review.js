// What became of the actions that earlier sessions agreed: done, in hand, slipped or not needed, with a note.

import { date_words, h, select, unique_id } from "./dom.js";

const FINDINGS = [
  { code: "done", label: "Done" },
  { code: "in_hand", label: "In hand" },
  { code: "slipped", label: "Slipped" },
  { code: "not_needed", label: "Not needed any more" },
];

/** Returns the rows {element, offer(actions), value(), fill(reviewed)}. @param {() => void} touched called on each change */
export function review_rows(touched) {
  const list = h("div", { class: "cal-stack" });
  const element = h("div", { class: "cal-stack", hidden: true }, h("h3", null, "What became of earlier actions"), list);
  const rows = new Map();

  /** Takes the actions that were open when this session began: they do not change while it runs, but more may have been written down. */
  function offer(actions) {
    for (const one of actions) {
      if (rows.has(one.action)) continue;
      rows.set(one.action, review_row(one, touched));
      list.append(rows.get(one.action).element);
    }
    element.hidden = rows.size === 0;
  }

  return {
    element,
    offer,
    value: () => [...rows.values()].map((one) => one.value()).filter(Boolean),
    fill: (reviewed) => reviewed.forEach((one) => rows.get(one.action)?.fill(one)),
  };
}

function review_row(action, touched) {
  const finding = select(FINDINGS, { empty: "Not looked at yet" });
  const note = h("input", { type: "text", maxlength: "200", id: unique_id("note"), on: { input: changed } });
  const wants = h("p", { class: "sf-hint", hidden: true }, "The note is stored once you choose what became of the action.");
  finding.id = unique_id("finding");
  finding.addEventListener("change", changed);
  const labelled = (words, control) => h("div", { class: "sf-field" }, h("label", { for: control.id }, words), control);
  const element = h("fieldset", { class: "cal-action" }, h("legend", null, action.text),
    h("p", { class: "sf-hint" }, `${action.owner || "Nobody named"}, due ${date_words(action.due)}; agreed ${date_words(action.at)}.`),
    h("div", { class: "sf-grid" }, labelled("What became of it", finding), labelled("Note", note)), wants);

  function changed() {
    wants.hidden = Boolean(finding.value) || !note.value;
    touched();
  }

  return {
    element,
    value: () => (finding.value ? { action: action.action, finding: finding.value, note: note.value } : null),
    fill(said) {
      finding.value = said.finding;
      if (note.value !== said.note) note.value = said.note;
    },
  };
}
