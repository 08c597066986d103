// Elements from data, never from markup: what a record says is always text.

let counter = 0;

export function unique_id(prefix) {
  counter += 1;
  return `sf-${prefix}-${counter}`;
}

const PROPERTIES = new Set(["disabled", "checked", "value", "hidden", "open", "readOnly", "tabIndex", "required", "selected"]);

/** Returns a new element. `on` holds listeners, `dataset` data attributes; null and false attributes are left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (PROPERTIES.has(name)) element[name] = value;
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

function add(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

export function set_children(parent, ...children) {
  parent.replaceChildren();
  add(parent, children);
}

export function clear(parent) {
  parent.replaceChildren();
}

/** Sets an element's text only when it changes, so that a live region speaks once. */
export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export function focus_heading(root) {
  const heading = root.querySelector("h1, h2");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function parts(day) {
  const [year, month, date] = day.slice(0, 10).split("-").map(Number);
  return { year, month: MONTHS[month - 1], date, weekday: DAYS[new Date(Date.UTC(year, month - 1, date)).getUTCDay()] };
}

/** "2026-11-03" as "Tue 3 November 2026". */
export function date_words(day) {
  if (!day) return "not recorded";
  const p = parts(day);
  return `${p.weekday} ${p.date} ${p.month} ${p.year}`;
}

/** "2026-11-03" as "3 Nov". */
export function day_short(day) {
  if (!day) return "not recorded";
  const p = parts(day);
  return `${p.date} ${p.month.slice(0, 3)}`;
}

/** The local time of a UTC text, as 14:03:22. */
export function time_words(moment) {
  return new Date(moment).toLocaleTimeString("en-GB", { hour12: false });
}

export function plural(n, one, many) {
  return `${n} ${n === 1 ? one : many}`;
}

export function day_after(day, days) {
  const date = new Date(day + "T00:00:00Z");
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** A labelled control with a hint and a place for its error. */
export function field({ label, control, hint, error }) {
  const id = control.id || unique_id("control");
  control.id = id;
  const hint_element = hint ? h("p", { class: "sf-hint", id: id + "-hint" }, hint) : null;
  const error_element = h("p", { class: "sf-error", id: id + "-error", hidden: true });
  const element = h("div", { class: "sf-field" }, h("label", { for: id }, label), hint_element, control, error_element);
  function say(words) {
    error_element.hidden = !words;
    text(error_element, words || "");
    if (words) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    const described = [hint_element && hint_element.id, words && error_element.id].filter(Boolean).join(" ");
    if (described) control.setAttribute("aria-describedby", described);
    else control.removeAttribute("aria-describedby");
  }
  say(error || "");
  return { element, control, error: say };
}

export function button(label, { run, kind = "", key = "", pressed, describedby } = {}) {
  return h(
    "button",
    {
      type: "button",
      class: `sf-button ${kind}`.trim(),
      "aria-pressed": pressed === undefined ? null : String(pressed),
      "aria-describedby": describedby || null,
      on: run ? { click: run } : {},
    },
    label,
    key ? [" ", h("kbd", { "aria-hidden": "true" }, key)] : null,
  );
}

export function table({ caption, head, rows }) {
  const id = unique_id("table");
  return h(
    "div",
    { class: "sf-scroll", tabindex: "0", role: "region", "aria-labelledby": id },
    h(
      "table",
      { class: "sf-table" },
      h("caption", { id }, caption),
      h("thead", {}, h("tr", {}, head.map((words) => h("th", { scope: "col" }, words)))),
      h(
        "tbody",
        {},
        rows.map((cells) => h("tr", {}, cells.map((cell, place) => h(place ? "td" : "th", place ? {} : { scope: "row" }, cell)))),
      ),
    ),
  );
}

const NOTICE = { info: "Note", warning: "Look", error: "Problem" };

export function notice(kind, ...children) {
  return h("div", { class: `sf-notice sf-notice-${kind}` }, h("strong", {}, NOTICE[kind] + ": "), children);
}

export function card(title, ...children) {
  return h("section", { class: "sf-card" }, h("h2", {}, title), children);
}

export function tag(words, shape) {
  return h("span", { class: "sf-tag" }, h("span", { "aria-hidden": "true" }, shape + " "), words);
}

export function select(options, { value = "", empty = "" } = {}) {
  return h(
    "select",
    {},
    empty ? h("option", { value: "" }, empty) : null,
    options.map((one) => h("option", { value: one.code ?? one.label, selected: (one.code ?? one.label) === value }, one.label)),
  );
}
