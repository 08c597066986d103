// Pointing into the record: from a selection to note, day, offsets and a quote, and back. Offsets count code points, as the server does.

import { day_short, field, h, select } from "./dom.js";
import { line_length } from "./texts.js";

export const QUOTE_CHARACTERS = 200; // a pointer into the record, not a copy of it
const AGAIN = 5000;

const characters = (text) => Array.from(text);

/** The part of a note's text that a pointer quotes. @param {string} text @param {number} start @param {number} end */
export function quote_of(text, start, end) {
  return characters(text).slice(start, Math.min(end, start + QUOTE_CHARACTERS)).join("");
}

/** The text of a range as the note has it: what the page itself adds to it, such as the number of a mark, is left out. */
function own_text(range) {
  const copy = range.cloneContents();
  for (const aside of copy.querySelectorAll("[data-aside]")) aside.remove();
  return copy.textContent ?? "";
}

/**
 * Returns what is selected as a pointer, or why it cannot be one, or null when nothing is selected.
 * @param {(key: string) => {key: string, day: string, kind: string} | undefined} note_by_key
 * @returns {{pointer?: any, cut?: boolean, why?: string} | null}
 */
export function selected_pointer(note_by_key) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const inside = (node) => (node instanceof Element ? node : node.parentElement)?.closest("[data-note]");
  const [from, to] = [inside(range.startContainer), inside(range.endContainer)];
  const shared = inside(range.commonAncestorContainer);
  if (!from && !to) return null;
  if (!shared || from !== to) return { why: "Select words within one note." };
  const note = note_by_key(shared.dataset.note);
  if (!note) return null;
  const before = range.cloneRange();
  before.selectNodeContents(shared);
  before.setEnd(range.startContainer, range.startOffset);
  const words = own_text(range);
  const lead = characters(words).length - characters(words.trimStart()).length;
  const kept = characters(words.trim());
  if (kept.length === 0) return null;
  const start = characters(own_text(before)).length + lead;
  const place = { note: note.key, note_date: note.day, note_kind: note.kind, start, end: start + kept.length };
  return { pointer: { ...place, quote: kept.slice(0, QUOTE_CHARACTERS).join("") }, cut: kept.length > QUOTE_CHARACTERS };
}

/**
 * Cuts a note's text where quotes begin and end. Returns pieces with the numbers of the criteria that quote each.
 * @param {string} text @param {Array<{start: number | null, end: number | null, number: number}>} pointers
 */
export function pieces(text, pointers) {
  const letters = characters(text);
  const spans = pointers.filter((one) => one.start !== null && one.end !== null && one.start < one.end && one.start < letters.length);
  const cuts = new Set([0, letters.length]);
  for (const one of spans) {
    cuts.add(one.start);
    cuts.add(Math.min(one.end, letters.length));
  }
  const places = [...cuts].sort((left, right) => left - right);
  return places.slice(0, -1).map((start, index) => {
    const end = places[index + 1];
    const over = spans.filter((one) => one.start <= start && one.end >= end);
    const numbers = [...new Set(over.map((one) => one.number))].sort((left, right) => left - right);
    const ends = [...new Set(over.filter((one) => Math.min(one.end, letters.length) === end).map((one) => one.number))];
    return { text: letters.slice(start, end).join(""), start, numbers, ends };
  });
}

/** Asks for a pointer without a selection: which note, or its day and kind. Returns the pointer or null. */
export async function ask_pointer({ context, model, title }) {
  const { panel, choices } = model.payload;
  const today = context.today();
  const notes = panel.notes.toReversed();
  const which = field({
    label: "Which note",
    control: select(notes.map((note) => ({ code: note.key, label: `${day_short(note.day)}, ${note.kind}` })), { empty: "Another: give its day and kind" }),
  });
  const day = field({ label: "Day of the note", control: h("input", { type: "date", max: today, required: true }) });
  const list = h("datalist", { id: `${day.control.id}-kinds` }, choices.note_kinds.map((one) => h("option", { value: one.label })));
  const kind = field({ label: "Kind of note", control: h("input", { type: "text", list: list.id, maxlength: line_length(context, ["evidence_pointed", "note_kind"]), autocomplete: "off" }) });
  which.control.addEventListener("change", () => {
    const note = panel.notes.find((one) => one.key === which.control.value);
    if (note) Object.assign(day.control, { value: note.day });
    if (note) kind.control.value = note.kind;
    day.control.dispatchEvent(new Event("change"));
  });
  const check = () => {
    day.error(!day.control.value ? "Give the day of the note." : day.control.value > today ? "The day of a note cannot be still to come." : "");
    kind.error(kind.control.value.trim() ? "" : "Say which kind of note it is.");
    const wrong = [day, kind].find((one) => one.control.getAttribute("aria-invalid"));
    wrong?.control.focus();
    return !wrong;
  };
  const hint = notes.length ? "To quote instead, close this, select words in the record and press the key again. Without a mouse: F7 puts a cursor into the text, and Shift with the arrow keys selects." : "";
  const body = h("div", { class: "sf-stack" }, hint ? h("p", { class: "sf-hint" }, hint) : null, notes.length ? which.element : null, day.element, kind.element, list);
  const answer = await context.dialog({
    title,
    body,
    buttons: [{ label: "Point to it", value: true, primary: true, check }, { label: "Cancel", value: false }],
    on_open: () => (notes.length ? which : day).control.focus(),
  });
  if (!answer) return null;
  return { note: which.control.value, note_date: day.control.value, note_kind: kind.control.value.trim(), start: null, end: null, quote: "" };
}

/**
 * Reads the quotes of changes that an earlier page left in the outbox again out of the record: case text is never kept in the browser.
 * A note that is no longer there leaves the pointer without its quote. Returns what stops it.
 */
export function recover_quotes({ api, save, purpose }) {
  let timer = 0;
  let stopped = false;

  async function look() {
    for (const review of new Set(save.incomplete.map((change) => change.review))) {
      try {
        const { panel } = await api.get(`api/review/${review}`, { query: { purpose: purpose() } });
        fill(save, review, panel.notes);
      } catch (error) {
        if (!error.offline && error.status < 500) fill(save, review, []); // not to be read any more: the pointer itself still counts
      }
    }
    if (!stopped) timer = setTimeout(look, AGAIN);
  }

  timer = setTimeout(look, 0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

function fill(save, review, notes) {
  for (const change of save.incomplete.filter((one) => one.review === review)) {
    const note = notes.find((one) => one.key === change.data.note);
    const { start, end } = change.data;
    save.complete(change.id, { quote: note && start !== null ? quote_of(note.text, start, end) : "" });
  }
}
