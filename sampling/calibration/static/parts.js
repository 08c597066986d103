// What the four pages share: the frame with its banner, parts that are drawn again only when they changed, and a dialog that asks again.

import { button, focus_heading, h, set_children, text, unique_id } from "./dom.js";
import { create_api } from "./api.js";

const SPOKEN_EVERY = 5000; // milliseconds: whoever listens is not told of each change
const NO_ANSWER = "The server does not answer; trying again.";

/** Reads what the page was made with. */
export function page_of() {
  const { base, page, session } = document.body.dataset;
  return { base, page, session, api: create_api(base) };
}

/**
 * Returns the frame of a page: {main, say, alarm, lost, back, title, foot}. `say` speaks politely, `lost(words)` and `back()` show and take away
 * the banner, `foot(words)` sets the sentence at the end of the screen.
 */
export function create_frame(name) {
  const root = document.querySelector("#page");
  root.className = `sf-root cal-root cal-${name}`;
  const banner = h("div", { class: "cal-banner", role: "alert" });
  const main = h("main", { class: "cal-main", id: "main" });
  const foot = h("footer", { class: "cal-foot" });
  const spoken = h("p", { class: "sf-visually-hidden", role: "status" });
  set_children(root, banner, main, foot, spoken);
  const told = teller(spoken);
  return {
    root,
    main,
    say: told.say,
    count: told.count,
    lost: (words) => text(banner, words || NO_ANSWER),
    back() {
      text(banner, "");
      told.say("The server answers again.");
    },
    title: (words) => { document.title = `${words} – Calibration`; },
    foot: (words) => text(foot, words),
  };
}

/** Speaks politely: what is said at once, and counts that come quickly at most every few seconds. */
function teller(spoken) {
  let last = 0;
  let timer = 0;
  const say = (words) => {
    last = Date.now();
    clearTimeout(timer);
    text(spoken, words);
  };
  return {
    say,
    count(words) {
      clearTimeout(timer);
      if (words === spoken.textContent) return;
      timer = setTimeout(() => say(words), Math.max(0, last + SPOKEN_EVERY - Date.now()));
    },
  };
}

/**
 * Returns a part of the page {element, show(value)}: `draw(value)` gives its children, and is asked only when the value is another one. The
 * focus and what was opened are kept, by `data-keep`; where the element with the focus is gone, its heading takes it.
 */
export function area(tag, attributes, draw) {
  const element = h(tag, attributes);
  let last;
  function show(value) {
    const now = JSON.stringify(value ?? null);
    if (now === last) return;
    last = now;
    const held = element.contains(document.activeElement) ? document.activeElement : null;
    const open = new Set([...element.querySelectorAll("details[open][data-keep]")].map((one) => one.dataset.keep));
    set_children(element, draw(value));
    for (const one of element.querySelectorAll("details[data-keep]")) if (open.has(one.dataset.keep)) one.open = true;
    if (held) give_back(element, held);
  }
  return { element, show };
}

function give_back(element, held) {
  const name = held.dataset?.keep ?? held.closest("[data-keep]")?.dataset.keep;
  const same = name ? element.querySelector(`[data-keep="${CSS.escape(name)}"]`) : null;
  const place = same?.tagName === "DETAILS" ? same.querySelector("summary") : same;
  const found = place && !place.disabled ? place : element.querySelector("h1, h2, h3");
  if (found && /^H\d$/.test(found.tagName)) found.setAttribute("tabindex", "-1");
  found?.focus();
}

/** Names a control, so that it has the focus again when its part of the page is drawn anew. */
export function kept(name, element) {
  element.dataset.keep = name;
  return element;
}

/** Puts another screen into the page, and moves the focus to its heading, on purpose. */
export function turn_to(frame, title, ...children) {
  set_children(frame.main, ...children);
  frame.title(title);
  scrollTo(0, 0);
  focus_heading(frame.main);
}

/** Asks again before something that cannot be taken back. @returns {Promise<boolean>} */
export function ask_again({ title, words, yes, no = "Cancel" }) {
  const before = document.activeElement;
  const id = unique_id("ask");
  return new Promise((resolve) => {
    const close = (value) => {
      element.close();
      element.remove();
      give_focus_back(before);
      resolve(value);
    };
    const heading = h("h2", { id, tabindex: "-1" }, title);
    const element = h("dialog", { class: "cal-dialog", "aria-labelledby": id }, heading, h("p", null, words),
      h("p", { class: "sf-row" }, button(yes, { kind: "primary", run: () => close(true) }), button(no, { run: () => close(false) })));
    element.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(false);
    });
    document.querySelector("#page").append(element);
    element.showModal();
    heading.focus();
  });
}

/** To what had the focus; where that was drawn anew meanwhile, to what took its place, else to the heading. */
function give_focus_back(before) {
  const name = before?.dataset?.keep;
  const again = name ? document.querySelector(`[data-keep="${CSS.escape(name)}"]`) : null;
  (before?.isConnected ? before : (again ?? document.querySelector("h1")))?.focus();
}

/** Returns a line that says what is stored: {element, saving, saved, failed, clear}. "Saved" is said by whoever heard the server's answer. */
export function save_line() {
  const element = h("p", { class: "cal-state", role: "status" });
  const say = (words, state) => {
    element.dataset.state = state;
    text(element, words);
  };
  say("", "none");
  return {
    element,
    clear: () => say("", "none"),
    saving: () => say("Saving…", "saving"),
    saved: () => say("Saved", "saved"),
    failed: (words) => say(`Not saved. ${words}`, "unsaved"),
  };
}

/** Returns a group of radio buttons {element, value, set, error, focus}. `options` are {value, label, hint?}; nothing is chosen unless `value` says so. */
export function radios({ legend, options, value = "", on_choose = () => {}, hint = "" }) {
  const name = unique_id("choice");
  const wrong = h("p", { class: "sf-error", id: unique_id("error"), hidden: true });
  const holder = h("div", { class: "cal-options" });
  const element = h("fieldset", { class: "cal-choice", role: "radiogroup" }, h("legend", null, legend), hint ? h("p", { class: "sf-hint" }, hint) : null, holder, wrong);
  const fill = (given, chosen) => set_children(holder, given.map((one) => option(name, one, one.value === chosen, () => on_choose(one.value))));
  fill(options, value);
  const inputs = () => [...holder.querySelectorAll("input")];
  return {
    element,
    fill,
    get value() { return inputs().find((one) => one.checked)?.value ?? ""; },
    focus: () => (inputs().find((one) => one.checked) ?? inputs()[0])?.focus(),
    error(words) {
      wrong.hidden = !words;
      text(wrong, words ? `Error: ${words}` : "");
      describe(inputs(), wrong, words);
      if (words) element.setAttribute("aria-invalid", "true");
      else element.removeAttribute("aria-invalid");
    },
  };
}

/** Ties what is wrong to controls, or unties it where `words` is empty. */
export function describe(controls, wrong, words) {
  for (const one of controls) {
    if (words) one.setAttribute("aria-describedby", wrong.id);
    else one.removeAttribute("aria-describedby");
  }
}

/** Returns a line for what is wrong with a control: {element, say(words)}, where "" takes it away. */
export function fault_of(control) {
  const element = h("p", { class: "sf-error", id: unique_id("error"), role: "alert" });
  return {
    element,
    say(words) {
      text(element, words ? `Error: ${words}` : "");
      describe([control], element, words);
      if (control.tagName === "BUTTON") return; // a button is neither valid nor not
      if (words) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    },
  };
}

function option(name, { value, label, hint }, checked, run) {
  return h("label", { class: "cal-option" },
    h("input", { type: "radio", name, value, checked, on: { change: run } }),
    h("span", null, label, hint ? h("span", { class: "cal-option-hint" }, hint) : null));
}

/** Returns a tick box with its label: {element, input}. */
export function tick(label, { checked = false, run = () => {}, keep = "" } = {}) {
  const input = h("input", { type: "checkbox", checked, dataset: keep ? { keep } : {} });
  input.addEventListener("change", () => run(input.checked));
  return { element: h("label", { class: "cal-option cal-tick" }, input, h("span", null, label)), input };
}

/** Returns something that opens, which stays open when its part of the page is drawn again. */
export function opens(keep, summary, ...children) {
  return h("details", { class: "cal-more", dataset: { keep } }, h("summary", null, summary), ...children);
}

/** Returns an anchor's number and words, one after the other; the pass line lies before the first level that passes. */
export function anchors(criterion, pass_level) {
  return h("ol", { class: "cal-anchors", start: "0" }, criterion.levels.map((words, level) =>
    h("li", { class: level === pass_level ? "cal-pass" : "" },
      level === pass_level ? h("span", { class: "cal-pass-word" }, "Pass line") : null,
      h("span", { class: "cal-level" }, h("b", { class: "cal-number" }, String(level)), h("span", null, words)))));
}
