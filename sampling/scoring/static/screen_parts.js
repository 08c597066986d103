// What the screens around the form share: dates in words, drawn shapes, tables that stack, and a form that says when it is saved.

import { h, set_children, time_words, unique_id } from "./dom.js";

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_LONG = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];
const ENGLAND = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London", weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});
const SVG = "http://www.w3.org/2000/svg";

/** Returns a day as "Mon 3 Nov 2026"; "" for none. */
export function day_words(day) {
  if (!day) return "";
  const [year, month, date] = day.split("-").map(Number);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, date)).getUTCDay()];
  return `${weekday} ${date} ${MONTHS[month - 1]} ${year}`;
}

/** Returns a UTC time as "Mon 3 Nov 2026, 14:03", by the clocks of England. */
export function moment_words(time) {
  if (!time) return "";
  const part = Object.fromEntries(ENGLAND.formatToParts(new Date(time)).map(({ type, value }) => [type, value]));
  return `${part.weekday} ${part.day} ${MONTHS[MONTHS_LONG.findIndex((name) => name.startsWith(part.month.slice(0, 3)))]} ` +
    `${part.year}, ${part.hour}:${part.minute}`;
}

/** Returns a period such as "2026-10" as "October 2026". */
export function period_words(period) {
  const [year, month] = period.split("-");
  return MONTHS_LONG[Number(month) - 1] ? `${MONTHS_LONG[Number(month) - 1]} ${year}` : period;
}

/** Returns a time element: a day in words, readable by machines. */
export function day_element(day) {
  return day ? h("time", { datetime: day, class: "ss-day" }, day_words(day)) : h("span", null, "no date");
}

// Drawn on 16 by 16. What a shape means always stands beside it in words.
const SHAPES = {
  equal: "M3 6h10M3 10h10",
  one_step: "M2 12h6V5h6",
  two_steps: "M1 14h4.7V9h4.6V3H15",
  unlike: "M3 6h10M3 10h10M11 2L5 14",
  hollow: "M8 2a6 6 0 1 0 .01 0z",
  clock: "M8 1.5a6.5 6.5 0 1 0 .01 0zM8 4.5V8l2.6 1.8",
  tick: "M2.5 8.5l3.7 4L13.5 3.5",
  up: "M8 14V3M3.5 7.2L8 2.5l4.5 4.7",
  down: "M8 2v11M3.5 8.8L8 13.5l4.5-4.7",
  same: "M2 8h12M10.5 4.5L14 8l-3.5 3.5",
  none: "M3 3l10 10M13 3L3 13",
  late: "M8 1.5L15 14H1zM8 6v4M8 11.6v.8",
  begun: "M8 2a6 6 0 1 0 .01 0zM8 2v12a6 6 0 0 0 0-12z",
  pause: "M5 3v10M11 3v10",
  person: "M8 2.2a2.8 2.8 0 1 0 .01 0zM2.5 14c.4-3.6 2.4-5.2 5.5-5.2s5.1 1.6 5.5 5.2",
  signed: "M2 11.5c2.5-7 4-8 4.8-7 1 1.3-3.4 6.8-1.7 7.2 1.4.3 2.6-3.4 3.8-3.2 1 .2-.2 2.6 1 2.8 1 .2 1.8-.8 4.1-1.6",
};
const FILLED = new Set(["begun"]);

/** Returns a drawn shape. It says nothing to a screen reader, since the word beside it does. */
export function shape(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", class: "ss-shape", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name] ?? SHAPES.hollow);
  if (FILLED.has(name)) path.setAttribute("class", "ss-filled");
  svg.append(path);
  return svg;
}

/** Returns words with a shape before them, as one small label. `tone` is plain, good, warn or bad: never the only sign. */
export function mark(words, shape_name, tone = "plain") {
  return h("span", { class: `ss-mark ss-${tone}` }, shape(shape_name), h("span", null, words));
}

/** Returns a section with a heading of its own. */
export function section(title, ...children) {
  const id = unique_id("section");
  return h("section", { class: "ss-section", "aria-labelledby": id }, h("h2", { id, tabindex: "-1" }, title), ...children);
}

/** Returns a list of terms and what stands for each: [[term, content], …]; empty contents are left out. */
export function facts(pairs, name = "ss-facts") {
  return h(
    "dl",
    { class: name },
    pairs.filter(([, content]) => content !== "" && content !== null && content !== undefined)
      .map(([term, content]) => h("div", null, h("dt", null, term), h("dd", null, content))),
  );
}

/**
 * Returns a table that stacks into cards where the page is narrow. The roles are written out, since a browser drops them once a
 * style sheet changes how a table is displayed. `head` names the columns; the first cell of a row is its header.
 */
export function stacked_table({ caption, head, rows, hide_caption = false }) {
  const cell = (content, place) =>
    place === 0
      ? h("th", { scope: "row", role: "rowheader" }, content)
      : h("td", { role: "cell" }, h("span", { class: "ss-column", "aria-hidden": "true" }, head[place]), h("div", null, content));
  return h(
    "table",
    { class: "ss-table", role: "table" },
    h("caption", { class: hide_caption ? "sf-visually-hidden" : "" }, caption),
    h("thead", { role: "rowgroup" },
      h("tr", { role: "row" }, head.map((name) => h("th", { scope: "col", role: "columnheader" }, name)))),
    h("tbody", { role: "rowgroup" }, rows.map((row) => h("tr", { role: "row" }, row.map(cell)))),
  );
}

/** Returns a group of radio buttons: {legend, name?, options: [{value, label, hint?, key?: Element}], value, on_choose(value), inline?, hint?}. */
export function radios({ legend, options, value = null, on_choose = () => {}, inline = false, hint = "", disabled = false, hide_legend = false }) {
  const name = unique_id("choice");
  const note = hint ? h("p", { class: "ss-hint", id: unique_id("hint") }, hint) : null;
  const inputs = options.map((option) => {
    const id = unique_id("option");
    const described = option.hint ? unique_id("hint") : null;
    const input = h("input", {
      type: "radio", id, name, value: option.value, checked: option.value === value, disabled,
      ...(described ? { "aria-describedby": described } : {}),
      on: { change: () => on_choose(option.value) },
    });
    return h("div", { class: "ss-option" }, input,
      h("label", { for: id }, option.key ?? null, option.label),
      option.hint ? h("p", { class: "ss-hint", id: described }, option.hint) : null);
  });
  const error = h("p", { class: "ss-error", id: unique_id("error"), hidden: true });
  const element = h("fieldset", { class: `ss-choice${inline ? " ss-inline" : ""}` },
    h("legend", { class: hide_legend ? "sf-visually-hidden" : "" }, legend), note, error, h("div", { class: "ss-options" }, inputs));
  const all = () => [...element.querySelectorAll(`input[name="${name}"]`)];
  return {
    element,
    get value() { return all().find((input) => input.checked)?.value ?? null; },
    set(chosen) { for (const input of all()) input.checked = input.value === chosen; },
    lock(locked) { for (const input of all()) input.disabled = locked; },
    focus() { (all().find((input) => input.checked) ?? all()[0]).focus(); },
    error(sentence) {
      error.hidden = !sentence;
      error.textContent = sentence ? `Error: ${sentence}` : "";
      if (sentence) element.setAttribute("aria-describedby", error.id);
      else element.removeAttribute("aria-describedby");
    },
  };
}

/** Returns the three states of saving as a line of text beside a form. */
export function save_line() {
  const element = h("p", { class: "ss-saving", role: "status" });
  const say = (words, kind) => {
    element.className = `ss-saving ss-${kind}`;
    element.textContent = words;
  };
  return {
    element,
    saving() { say("Saving…", "plain"); },
    waiting() { say("Not saved. It is kept on this computer. Trying again.", "bad"); },
    saved(time) { say(`Saved ${time_words(time)}`, "good"); },
    refused(sentences) { say(`Not saved. ${sentences.join(" ")}`, "bad"); },
    changed() { say("Saved as you sent it. What you have changed since is not saved yet: save again.", "bad"); },
    clear() { say("", "plain"); },
  };
}

/** Returns the sentences of an error, its findings first. */
export function sentences_of(error) {
  const found = (error.findings ?? []).map((finding) => finding.text).filter(Boolean);
  return found.length ? found : [error.message];
}

/**
 * Hands one event to the save loop and follows it to its commit: the line beside the form says which of the three states it is in.
 * Returns the receipt, {gone: true} where it was taken back before it was sent, or null when the service refused it; the words of the refusal stand in the line, and are said once. `on_put` is told
 * the event as it was handed over, with its id. What says the same and is on its way already is waited for, and not sent twice.
 */
export async function saved(context, line, event, on_put = () => {}) {
  const { save } = context;
  line.saving();
  const off = save.on("state", (state) => state === "unsaved" && line.waiting());
  try {
    const id = on_its_way(save, event) ?? save.put(event);
    on_put(as_sent(save, id));
    if (save.state === "unsaved") line.waiting();
    const receipt = await save.when_saved(id);
    if (!receipt) {
      line.clear(); // taken back, or thrown away at sign-out: nothing was saved
      return { gone: true };
    }
    line.saved(receipt.at ?? context.me.now);
    return receipt;
  } catch (error) {
    line.refused(sentences_of(error));
    context.alert(`Not saved. ${sentences_of(error).join(" ")}`);
    return null;
  } finally {
    off();
  }
}

/** Returns the id of the change that waits and is this event, or says exactly the same; null where none does. */
function on_its_way(save, event) {
  const said = ({ kind, review, subject, data, undoes }) => JSON.stringify([kind, review, subject, data, undoes || ""]);
  const same = (one) => (event.id ? one.id === event.id : said(one) === said(event) && !save.refusal(one.id));
  return save.waiting().find(same)?.id ?? null;
}

function as_sent(save, put) {
  const { id, kind, review, subject, base, data } = save.waiting().find((one) => one.id === put) ?? { id: put };
  return { id, kind, review, subject, base, data };
}

/** Shows why a screen could not be filled, with a way to try again. */
export function show_failure(root, context, error, again) {
  const retry = h("button", { type: "button", class: "sf-button", on: { click: again } }, "Try again");
  set_children(root, h("div", { class: "sf-page ss-screen" },
    h("h1", null, error.offline ? "The server does not answer" : "This cannot be shown"),
    h("p", { role: "alert" }, error.message),
    h("p", { class: "sf-row" }, retry, h("button", { type: "button", class: "sf-button quiet", on: { click: () => context.go("queue", {}) } },
      "Back to the queue"))));
}
