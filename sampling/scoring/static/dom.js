// Building the page. Text goes in as text: no function here takes HTML, so a note that holds "<script>" shows just that.

const PROPERTIES = new Set(["checked", "disabled", "hidden", "open", "readOnly", "required", "selected", "value", "indeterminate", "multiple"]);
let numbers = 0;

/** Returns an id that no other element of this page has. @param {string} prefix */
export function unique_id(prefix) {
  numbers += 1;
  return `sf-${prefix}-${numbers}`;
}

/**
 * Returns an element. Strings and numbers become text; null, undefined and false become nothing.
 * @param {string} tag
 * @param {Object<string, any> | null} [attributes] names as in HTML; `on` holds listeners, `dataset` data attributes
 * @param {...any} children
 * @returns {any}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) set(element, name, value);
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === undefined || value === null || (value === false && !PROPERTIES.has(name))) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else if (PROPERTIES.has(name)) {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) parent.append(child instanceof Node ? child : String(child));
  }
}

/** Puts these children into a parent in place of what was there. @param {Element} parent @param {...any} children */
export function set_children(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/** Empties an element. @param {Element} parent */
export function clear(parent) {
  parent.replaceChildren();
}

/** Sets the text of an element, and leaves it alone when it has that text: a live region then stays silent. */
export function text(node, string) {
  if (node.textContent !== string) node.textContent = string;
}

/** Moves the focus to the first heading of a screen, on purpose. @param {Element} root */
export function focus_heading(root) {
  const heading = root.querySelector("h1");
  if (!heading) return;
  heading.setAttribute("tabindex", "-1");
  heading.focus();
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];

function parts(day) {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(day ?? "");
  return match ? { year: match[1], month: Number(match[2]) - 1, day: Number(match[3]) } : null;
}

/** "2026-11-03" -> "3 November 2026"; what is no date comes back as it was. @param {string | null} day */
export function date_words(day) {
  const found = parts(day);
  return found ? `${found.day} ${MONTHS[found.month]} ${found.year}` : (day ?? "");
}

/** "2026-11-03" -> "Tuesday 3 November 2026". @param {string} day */
export function weekday_words(day) {
  const date = new Date(`${day}T12:00:00Z`);
  return Number.isNaN(date.getTime()) ? "" : `${WEEKDAYS[date.getUTCDay()]} ${date_words(day)}`;
}

/** "2026-11-03" -> "3 Nov 2026". @param {string | null} day */
export function day_short(day) {
  const found = parts(day);
  return found ? `${found.day} ${MONTHS[found.month].slice(0, 3)} ${found.year}` : (day ?? "");
}

/** A moment as the clock here shows it: "14:03:22". @param {string} moment UTC text */
export function time_words(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** A moment as day and clock: "3 November 2026, 14:03". @param {string} moment UTC text */
export function moment_words(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}, ${time_words(moment).slice(0, 5)}`;
}

/** 1 -> "1 case", 3 -> "3 cases". @param {number} count @param {string} one @param {string} many */
export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

/** ["1", "3", "4"] -> "1, 3 and 4". @param {any[]} words */
export function and_words(words) {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join("");
}

/** An event's or action's id: 32 hex digits, from the browser's own source of randomness. */
export function new_id() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * A control with its label, a hint and a place for what is wrong with it, tied together for assistive technology.
 * @param {{label: any, control: any, hint?: string, error?: string}} what
 */
export function field({ label, control, hint = "", error = "" }) {
  control.id ||= unique_id("field");
  const hint_id = unique_id("hint");
  const error_id = unique_id("error");
  const hinted = hint ? h("p", { class: "sf-hint", id: hint_id }, hint) : null;
  const wrong = h("p", { class: "sf-error", id: error_id, hidden: true });
  const said = control.type === "date" ? day_said(control) : null;
  const element = h("div", { class: "sf-field" }, h("label", { for: control.id }, label), hinted, control, said, wrong);
  const says = (sentence) => {
    wrong.hidden = !sentence;
    text(wrong, sentence ? `Error: ${sentence}` : "");
    if (sentence) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    const described = [hint ? hint_id : "", said?.id, sentence ? error_id : ""].filter(Boolean).join(" ");
    if (described) control.setAttribute("aria-describedby", described);
    else control.removeAttribute("aria-describedby");
  };
  says(error);
  return { element, control, error: says };
}

/** The day in words beneath its field: the browser alone decides in which order the field shows day and month. */
function day_said(control) {
  const said = h("p", { class: "sf-hint sf-day-said", id: unique_id("day") });
  const say = () => {
    said.hidden = !control.value;
    text(said, weekday_words(control.value));
  };
  for (const kind of ["input", "change"]) control.addEventListener(kind, say);
  say();
  return said;
}

/**
 * A button in words. `kind` is "primary", "quiet" or "danger"; `key` prints the key that does the same.
 * @param {any} label
 * @param {{run?: (event: Event) => void, kind?: string, key?: any, pressed?: boolean, describedby?: string, name?: string, disabled?: boolean}} [options]
 */
export function button(label, { run, kind = "", key, pressed, describedby, name, disabled } = {}) {
  const element = h(
    "button",
    {
      type: "button",
      class: ["sf-button", kind].filter(Boolean).join(" "),
      "aria-pressed": pressed === undefined ? null : String(pressed),
      "aria-describedby": describedby,
      "aria-label": name,
      disabled: Boolean(disabled),
    },
    label,
    key ? [" ", key instanceof Node ? key : h("kbd", null, key)] : null,
  );
  if (run) element.addEventListener("click", run);
  return element;
}

/** A table that scrolls in a named region of its own, so that the page does not. */
export function table({ caption, head, rows }) {
  const id = unique_id("caption");
  return h(
    "div",
    { class: "sf-table-scroll", role: "region", tabindex: "0", "aria-labelledby": id },
    h(
      "table",
      { class: "sf-table" },
      h("caption", { id }, caption),
      h("thead", null, h("tr", null, head.map((cell) => h("th", { scope: "col" }, cell)))),
      h("tbody", null, rows.map((cells) => h("tr", null, cells.map((cell, place) => h(place ? "td" : "th", place ? null : { scope: "row" }, cell))))),
    ),
  );
}

const NOTICES = { info: ["ℹ", "Note"], warning: ["▲", "Please note"], error: ["■", "Problem"], good: ["✓", "Done"] };

/** A message with a shape and a word, so that its kind does not hang on its colour. @param {"info"|"warning"|"error"|"good"} kind */
export function notice(kind, ...children) {
  const [shape, word] = NOTICES[kind] ?? NOTICES.info;
  return h(
    "div",
    { class: `sf-notice sf-notice-${kind}` },
    h("span", { class: "sf-notice-shape", "aria-hidden": "true" }, shape),
    h("div", { class: "sf-notice-body" }, h("span", { class: "sf-visually-hidden" }, `${word}: `), ...children),
  );
}

/** A box with a heading. */
export function card(title, ...children) {
  return h("section", { class: "sf-card" }, h("h2", null, title), ...children);
}

/** A short state in words, with a shape beside it. @param {string} words @param {string} [shape] */
export function tag(words, shape = "●") {
  return h("span", { class: "sf-tag" }, h("span", { "aria-hidden": "true", class: "sf-tag-shape" }, shape), words);
}

/** A native select. `options` are {code, label}; `empty` is the words of the choice that is none. */
export function select(options, { value = "", empty = "" } = {}) {
  const element = h(
    "select",
    null,
    empty ? h("option", { value: "" }, empty) : null,
    options.map((one) => h("option", { value: one.code }, one.label)),
  );
  element.value = value;
  return element;
}

/** The day that is so many days after another. @param {string} day @param {number} days */
export function day_after(day, days) {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
