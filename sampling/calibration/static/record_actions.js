// What the group will do: what, who by role or alias, and by when. A row without its words or its day is not stored, and says so.

import { button, date_words, h, new_id, set_children, text, unique_id } from "./dom.js";

/** Returns the rows {element, value(), fill(actions)}. @param {() => void} touched called on each change that is stored */
export function action_rows(touched) {
  const list = h("div", { class: "cal-stack" });
  const add = button("Add an action", { run: () => create({ action: new_id(), text: "", owner: "", due: "" }).focus() });
  const element = h("div", { class: "cal-stack" }, h("h3", null, "Actions, looked at again next time"), list, h("p", null, add));
  let rows = [];

  function create(said) {
    const row = action_row(said, { touched, gone });
    rows.push(row);
    list.append(row.element);
    return row;
  }

  function gone(row) {
    const place = rows.indexOf(row);
    rows.splice(place, 1);
    row.element.remove();
    (rows[Math.min(place, rows.length - 1)] ?? { focus: () => add.focus() }).focus();
    touched();
  }

  return {
    element,
    value: () => rows.map((one) => one.value()).filter(Boolean),
    fill(actions) {
      if (JSON.stringify(actions) === JSON.stringify(rows.map((one) => one.value()))) return;
      const begun = rows.filter((one) => !one.value() && one.begun());
      rows = [];
      set_children(list);
      actions.forEach(create);
      rows.push(...begun);
      list.append(...begun.map((one) => one.element));
    },
  };
}

function action_row(said, { touched, gone }) {
  const control = (name, attributes) => h("input", { id: unique_id(name), value: said[name], on: { input: changed }, ...attributes });
  const what = control("text", { type: "text", maxlength: "200" });
  const owner = control("owner", { type: "text", maxlength: "200" });
  const due = control("due", { type: "date" });
  const wants = h("p", { class: "sf-hint" });
  const labelled = (label, one) => h("div", { class: "sf-field" }, h("label", { for: one.id }, label), one);
  const element = h("fieldset", { class: "cal-action" }, h("legend", null, "Action"),
    labelled("What will be done", what), h("div", { class: "sf-grid" }, labelled("Who (role or alias)", owner), labelled("By when", due)), wants,
    h("p", null, button("Remove this action", { kind: "quiet small", run: () => gone(row) })));

  const value = () => (what.value.trim() && due.value ? { action: said.action, text: what.value, owner: owner.value, due: due.value } : null);

  function changed() {
    says();
    touched();
  }

  function says() {
    text(wants, value() ? "" : "This action is stored once it says what and by when.");
  }

  says();
  const begun = () => Boolean(what.value || owner.value || due.value);
  const row = { element, value, begun, focus: () => what.focus() };
  return row;
}

/** Actions in one line of words. */
export const actions_words = (actions) => actions.map((one) => `${one.text} (by ${date_words(one.due)})`).join("; ");
