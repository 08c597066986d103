// What a person may write into a field. Where no words of a case are kept here (policy: copies = "references_only"), the server says with
// api/me what may stand in each field, and every screen offers that and nothing else: a list, one line, or words that stay on this page.

import { field, h, select, unique_id } from "./dom.js";

const LONGEST = 20000; // characters
const LINE = 200;

/** The rule of a field, {kind, choices, longest}; null where any words may stand. `of` is [kind of event, name of the field]. */
export function text_rule(context, [event, name]) {
  return context.me.settings.texts?.[event]?.[name] ?? null;
}

/** The longest line that a field of one line takes, as an attribute. @param {any} context @param {string[]} of */
export function line_length(context, of) {
  return String(text_rule(context, of)?.longest || LINE);
}

/**
 * Returns a field for a text as it may stand: {element, control, value, error, focus, lock, sent, forget}, or null where nothing may stand. Its
 * `value` is what is stored. `words` (paste.js) holds what stays on this page, by `key`, as words `about` something; `not_offered` are
 * choices that the program makes.
 * @param {any} context @param {string[]} of
 */
export function text_field(context, of, { label, value = "", hint = "", rows = 2, line = false, words = null, key = of.join("."), about = label, not_offered = [] }) {
  const rule = text_rule(context, of);
  if (rule === null || rule.kind === "line") {
    const control = line || rule
      ? h("input", { type: "text", maxlength: line_length(context, of), autocomplete: "off", value })
      : h("textarea", { rows, maxlength: String(LONGEST), value });
    return plain(field({ label, control, hint }));
  }
  const choices = rule.choices.filter((one) => !not_offered.includes(one));
  if (choices.length === 0) return null;
  if (choices.length === 1 && words) return aside_field({ label, value, rows, words, key, about, stored: choices[0] });
  return plain(field({ label, control: select(choices.map((one) => ({ code: one, label: one })), { value, empty: "Choose" }) }));
}

function plain({ element, control, error }) {
  return {
    element,
    control,
    error,
    get value() { return control.value; },
    set value(said) {
      control.value = said;
      control.dispatchEvent(new Event("change"));
    },
    focus: () => control.focus(),
    lock: (locked) => (control.tagName === "SELECT" ? (control.disabled = locked) : (control.readOnly = locked)),
    sent: () => {},
    forget: () => {},
  };
}

/** Words for the case system: they stay on the page, in the text to be pasted, and what is stored says only that they are written there. */
function aside_field({ label, value, rows, words, key, about, stored }) {
  const area = h("textarea", { rows, maxlength: String(LONGEST), value: words.get(key) });
  const made = field({ label: label.endsWith(")") ? `${label.slice(0, -1)}, not kept here)` : `${label} (not kept here)`, control: area });
  const box = h("input", { type: "checkbox", id: unique_id("elsewhere"), checked: Boolean(value), "aria-label": `${stored}: ${about}` });
  area.addEventListener("input", () => {
    words.set(key, about, area.value);
    if (area.value.trim()) box.checked = true;
  });
  return {
    element: h("div", null, made.element, h("p", { class: "sf-check" }, box, h("label", { for: box.id }, stored))),
    control: area,
    error: made.error,
    get value() { return box.checked ? stored : ""; },
    set value(given) { box.checked = Boolean(given); },
    focus: () => area.focus(),
    lock: (locked) => {
      area.readOnly = locked;
      box.disabled = locked;
    },
    sent: () => words.archive(key),
    forget: () => words.set(key, about, ""),
  };
}
