// One criterion: its question, its four levels with their anchors, the two codes, evidence and comment. It shows what the model says and
// tells what was pressed; it decides nothing.

import { button, day_short, h, set_children, text, unique_id } from "./dom.js";
import { CODES } from "./model.js";
import { create_phrases } from "./phrases.js";

const DIGITS = ["0", "1", "2", "3"];
const CODE_KEYS = { not_applicable: "score.not_applicable", not_accessible: "score.not_accessible" };

/**
 * @typedef {Object} Acts what a criterion asks of the screen
 * @property {(ref: string) => void} open
 * @property {(ref: string, answer: any, how: {onward: boolean}) => void} rate
 * @property {(ref: string, words: string) => void} comment
 * @property {(ref: string) => void} comment_begun
 * @property {(ref: string) => void} comment_left
 * @property {(ref: string) => void} add_evidence
 * @property {(pointer: any) => void} remove_evidence
 * @property {(pointer: any) => void} show_evidence
 * @property {(ref: string) => void} add_action
 */

/**
 * @param {any} criterion @param {any} model @param {Acts} act @param {{context: any, count: number}} about
 */
export function create_criterion(criterion, model, act, { context, count }) {
  const { ref } = criterion;
  const group = create_levels(criterion, model, act, { keys: context.keys, count });
  const evidence = create_evidence(criterion, model, act, context.keys);
  const comment = create_comment(criterion, model, act, context);
  const extra = h("div", { class: "sf-extra" }); // conflicts and refusals of this criterion
  const answer = h("span", { class: "sf-answer" });
  const owed = h("span", { class: "sf-owed" });
  const body = h("div", { class: "sf-criterion-body", hidden: true, id: unique_id("criterion") }, group.element, extra, h("div", { class: "sf-support" }, evidence.element, comment.element));
  const head = h(
    "button",
    { type: "button", class: "sf-criterion-head", "aria-expanded": "false", "aria-controls": body.id, on: { click: () => act.open(ref) } },
    h("span", { class: "sf-number" }, criterion.number),
    h("span", { class: "sf-title" }, criterion.title, critical_mark(criterion)),
    owed,
    answer,
  );
  const heading = h("h3", null, head);
  const element = h("li", { class: "sf-criterion", dataset: { ref } }, heading, body);

  /** @param {{active: boolean, off: boolean}} how `off`: nothing can be changed now */
  function draw({ active, off }) {
    element.classList.toggle("active", active);
    head.setAttribute("aria-expanded", String(active));
    body.hidden = !active;
    text(answer, model.answer_words(ref));
    answer.classList.toggle("empty", !model.is_scored(ref));
    const needs = model.owed(ref).filter((one) => one.kind !== "level").map((one) => one.words);
    text(owed, needs.length ? `▲ ${needs.join(" and ")}` : "");
    group.draw({ off });
    evidence.draw({ off });
    comment.draw({ off });
  }

  return {
    ref,
    element,
    extra,
    draw,
    levels: group.element,
    focus: () => head.focus({ preventScroll: true }),
    focus_evidence: evidence.focus,
    ask_reason: group.ask_reason,
    pending: group.pending,
    forget_pending: group.forget_pending,
    phrases: comment.phrases,
    write_comment: comment.focus,
    comment_area: comment.area,
  };
}

function critical_mark({ critical }) {
  return critical ? [" ", h("span", { class: "sf-critical" }, h("span", { "aria-hidden": "true" }, "‡"), h("span", { class: "sf-visually-hidden" }, " critical"))] : null;
}

/** The radios: four levels with their anchors in full, and the two codes with their reasons. None is chosen at first. */
function create_levels(criterion, model, act, { keys, count }) {
  const { ref } = criterion;
  const name = unique_id("level");
  const radios = new Map();
  let pending = ""; // a code whose reason is still to be chosen: nothing is stored yet

  const option = (value, mark, words, key) => {
    const input = h("input", { type: "radio", name, value, id: unique_id("option") });
    input.addEventListener("click", (event) => chosen(value, event));
    radios.set(value, input);
    return h("label", { class: `sf-level ${value in CODES ? "code" : ""}`, for: input.id }, input, mark, h("span", { class: "sf-anchor" }, words), key);
  };
  const level = (words, number) => {
    const mark = h("span", { class: "sf-level-number" }, h("span", { class: "sf-visually-hidden" }, "Level "), DIGITS[number], h("span", { class: "sf-visually-hidden" }, ": "));
    return option(DIGITS[number], mark, words, remapped(keys, number));
  };
  const code = ([value, label]) => option(value, keys.print(CODE_KEYS[value]), `${label}…`, null);

  const reasons = h("div", { class: "sf-reasons", hidden: true });
  const clear = button("Clear this answer", { kind: "quiet small", run: () => act.rate(ref, {}, { onward: false }) });
  const which = `Criterion ${criterion.number} of ${count}, ${criterion.title}${criterion.critical ? ", critical" : ""}: `;
  const element = h(
    "fieldset",
    { class: "sf-levels" },
    h("legend", null, h("span", { class: "sf-visually-hidden" }, which), criterion.question),
    criterion.levels.map(level),
    h("div", { class: "sf-codes" }, Object.entries(CODES).map(code), clear),
    reasons,
    criterion.note ? h("p", { class: "sf-hint" }, criterion.note) : null,
  );

  function chosen(value, event) {
    if (event.detail > 1) return draw({ off: element.disabled }); // the second half of a double click would fall on the next criterion
    // An arrow key walks through the levels and must not run on; the pointer says "this one, next".
    const by_pointer = event.detail > 0 || !event.isTrusted;
    if (value in CODES) return ask_reason(value, { enter: by_pointer });
    act.rate(ref, { level: Number(value) }, { onward: by_pointer });
  }

  /** Shows the reasons of a code, and goes in among them unless an arrow key only came by. @param {string} value */
  function ask_reason(value, { enter = true } = {}) {
    pending = value;
    draw({ off: element.disabled });
    if (enter) reasons.querySelector("input")?.focus();
  }

  function draw_reasons(of) {
    const shown = pending || of.code || "";
    reasons.hidden = !shown;
    const said = `${shown}|${pending ? "" : of.reason}`;
    if (reasons.dataset.said === said) return;
    reasons.dataset.said = said;
    if (!shown) return set_children(reasons);
    const group_name = unique_id("reason");
    const row = (reason) => {
      const checked = !pending && of.reason === reason.code;
      const input = h("input", { type: "radio", name: group_name, value: reason.code, id: unique_id("reason"), checked });
      const by_pointer = (event) => event.detail > 0 || !event.isTrusted;
      input.addEventListener("click", (event) => act.rate(ref, { code: shown, reason: reason.code }, { onward: by_pointer(event) }));
      return h("label", { class: "sf-reason", for: input.id }, input, h("kbd", { "aria-hidden": "true" }, reason.key), reason.label);
    };
    const words = `${CODES[shown]}: why?${pending ? " Nothing is stored until you choose." : ""}`;
    set_children(reasons, h("fieldset", null, h("legend", null, words), model.payload.choices[shown].map(row)));
  }

  function draw({ off }) {
    const of = model.of(ref);
    const now = pending || of.code || (of.level === null ? "" : String(of.level));
    for (const [value, input] of radios) input.checked = value === now;
    element.disabled = off;
    clear.hidden = off || !model.is_scored(ref);
    draw_reasons(of);
  }

  return {
    element,
    draw,
    ask_reason,
    pending: () => pending,
    forget_pending: () => {
      pending = "";
    },
  };
}

/** A level's key is the level itself, and is printed once more only where the person changed it. */
function remapped(keys, number) {
  const name = keys.label(`score.level_${number}`);
  return name && name !== String(number) ? keys.print(`score.level_${number}`) : null;
}

function create_evidence(criterion, model, act, keys) {
  const { ref } = criterion;
  const list = h("ul", { class: "sf-evidence sf-plain" });
  const add = button("Point to evidence", { kind: "small", key: keys.print("score.evidence"), run: () => act.add_evidence(ref) });
  const id = unique_id("evidence");
  const element = h("div", { class: "sf-part", role: "group", "aria-labelledby": id }, h("h4", { id }, "Evidence"), list, add);

  function chip(pointer, off) {
    const where = `${day_short(pointer.note_date)}, ${pointer.note_kind}`;
    const shown = pointer.note ? button(where, { kind: "link", run: () => act.show_evidence(pointer) }) : h("span", null, where);
    const remove = off ? null : button("×", { kind: "quiet small", name: `Take away the evidence of ${where}`, run: () => act.remove_evidence(pointer) });
    return h("li", { dataset: { pointer: pointer.pointer } }, shown, pointer.quote ? h("q", null, pointer.quote) : null, remove);
  }

  function draw({ off }) {
    add.disabled = off;
    const { evidence } = model.of(ref);
    const said = JSON.stringify([off, evidence]);
    if (list.dataset.said === said) return;
    const held = list.contains(document.activeElement);
    list.dataset.said = said;
    set_children(list, evidence.map((pointer) => chip(pointer, off)));
    if (held) add.focus();
  }

  return { element, draw, focus: () => add.focus({ preventScroll: true }) };
}

function create_comment(criterion, model, act, context) {
  const { ref } = criterion;
  const kept = model.policy.text_kept;
  const area = h("textarea", { rows: "1", maxlength: "20000", id: unique_id("comment") });
  const hint = kept ? null : h("p", { class: "sf-hint", id: unique_id("hint") }, "Goes into the case system: copy it before you leave. It is not kept here.");
  if (hint) area.setAttribute("aria-describedby", hint.id);
  area.addEventListener("focus", () => act.comment_begun(ref));
  area.addEventListener("input", () => act.comment(ref, area.value));
  area.addEventListener("blur", () => act.comment_left(ref));
  const phrases = create_phrases({ context, model, ref, area, insert: (words) => insert(area, words) });
  const label = h("label", { for: area.id }, `Comment${kept ? "" : " (not kept)"}`, " ", context.keys.print("score.comment"));
  const action = button("Add an action", { kind: "small", key: context.keys.print("score.action"), run: () => act.add_action(ref) });
  const element = h("div", { class: "sf-part sf-comment" }, label, hint, area, phrases.element, h("div", { class: "sf-row" }, phrases.keep, action));

  function draw({ off }) {
    area.readOnly = off;
    action.disabled = off;
    const kinds = model.gap_kinds(ref).length;
    action.firstChild.data = kinds > 1 ? `Raise ${kinds} linked actions` : kinds === 1 ? "Raise the action" : "Add an action";
    const words = model.of(ref).comment;
    if (area.value !== words) area.value = words;
    phrases.draw({ off });
  }

  return { element, area, draw, phrases, focus: () => area.focus() };
}

/** Puts a phrase in as if it had been typed, so that the browser's own undo knows it too. */
function insert(area, words) {
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  area.setRangeText(area.value.trim() ? `\n${words}` : words, area.value.length, area.value.length, "end");
  area.dispatchEvent(new Event("input"));
}
