// Another wording that the group proposes for an anchor or a question. A rubric itself changes by a new version alone.

import { button, h, new_id, select, set_children, text, unique_id } from "./dom.js";
import { area, fault_of, save_line } from "./parts.js";
import { LEVELS } from "./words.js";

const QUESTION = "question";

/** Returns the part {element, take(view)}. @param {{session: string, api: any}} page */
export function create_proposals({ session, api }) {
  const line = save_line();
  const list = area("div", null, draw);
  const words = h("textarea", { rows: "3", maxlength: "20000", id: unique_id("wording") });
  const wrong = fault_of(words);
  const now = h("p", { class: "cal-note" });
  const where = { criterion: null, part: null };
  const holder = h("div", { class: "sf-grid" });
  let criteria = [];
  let editing = "";

  const element = h("section", { class: "sf-card cal-stack" },
    h("h2", null, "Propose another wording"),
    h("p", { class: "sf-hint" }, "For whoever keeps the rubric. It changes nothing in this session."),
    holder, now,
    h("div", { class: "sf-field" }, h("label", { for: words.id }, "Proposed wording"), words), wrong.element,
    h("div", { class: "sf-row" }, button("Propose", { run: send, kind: "primary" }), line.element),
    list.element);

  function fill() {
    where.criterion = select(criteria.map((one) => ({ code: one.ref, label: one.title })), { value: criteria[0].ref });
    where.part = select([...LEVELS.map((level) => ({ code: String(level), label: `Level ${level}` })), { code: QUESTION, label: "The question" }], { value: "2" });
    where.criterion.id = unique_id("of");
    where.part.id = unique_id("part");
    for (const one of Object.values(where)) one.addEventListener("change", current);
    set_children(holder,
      h("div", { class: "sf-field" }, h("label", { for: where.criterion.id }, "Criterion"), where.criterion),
      h("div", { class: "sf-field" }, h("label", { for: where.part.id }, "Which wording"), where.part));
    current();
  }

  const level = () => (where.part.value === QUESTION ? null : Number(where.part.value));

  function current() {
    const found = criteria.find((one) => one.ref === where.criterion.value);
    text(now, `Now: ${level() === null ? found.question : found.levels[level()]}`);
  }

  async function send() {
    wrong.say("");
    if (!words.value.trim()) {
      wrong.say("Write the wording that the group proposes.");
      return words.focus();
    }
    line.saving();
    const data = { proposal: editing || new_id(), criterion: where.criterion.value, level: level(), text: words.value };
    try {
      await api.post(`api/trainer/${session}/write`, { kind: "anchor_proposed", data, base: 0 });
      line.saved();
      if (words.value === data.text) words.value = "";
      editing = "";
    } catch (error) {
      editing = data.proposal; // so that a second try does not make a second proposal
      line.failed(`${error.message} It stays in the field.`);
    }
  }

  function change(one) {
    editing = one.proposal;
    where.criterion.value = one.criterion;
    where.part.value = one.level === null ? QUESTION : String(one.level);
    words.value = one.text;
    current();
    line.clear();
    words.focus();
  }

  function draw(found) {
    if (!found.length) return null;
    return [h("h3", null, "Proposed so far"), h("ul", { class: "sf-plain cal-people" }, found.map((one) => h("li", null,
      h("span", null, h("b", null, `${criteria.find((each) => each.ref === one.criterion)?.title}, ${one.level === null ? "the question" : `level ${one.level}`}: `), one.text),
      button("Change", { kind: "quiet small", name: `Change the proposal: ${one.text.slice(0, 60)}`, run: () => change(one) }))))];
  }

  function take(view) {
    if (!criteria.length) {
      criteria = view.criteria;
      fill();
    }
    list.show(view.proposals);
  }

  return { element, take };
}
