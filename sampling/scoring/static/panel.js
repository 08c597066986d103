// The record of the case: what happened, the plans, the notes. Everything is shown as text. It scrolls on its own and can be searched.

import { button, date_words, day_short, h, notice, plural, set_children, text, unique_id } from "./dom.js";
import { pieces } from "./pointers.js";

const STILL = 400; // milliseconds without a key before the number of hits is said

/** @param {any} panel the record as the server gives it */
export function create_panel(panel) {
  const notes = new Map(panel.notes.map((note) => [note.key, { note, holder: h("div", { class: "sf-note-text", dataset: { note: note.key } }) }]));
  const list = h("ol", { class: "sf-entries sf-plain" }, entries(panel, notes));
  const body = h("div", { class: "sf-record-body", tabindex: "0", role: "region", "aria-label": "Record: entries" }, plans(panel), list, untold(panel));
  const find = create_find(body);
  const covers = panel.covers_to ? `Taken from the case system, up to ${date_words(panel.covers_to)}` : "";
  const id = unique_id("record");
  const element = h(
    "section",
    { class: "sf-record", "aria-labelledby": id },
    h("div", { class: "sf-record-head" }, h("h2", { id }, "Record"), find.element),
    panel.note ? notice("info", panel.note) : null,
    covers ? h("p", { class: "sf-hint" }, covers) : null,
    jump(panel, notes),
    body,
  );
  mark([]);

  /** Shows the quotes as marks, each with the numbers of the criteria that it is evidence for. */
  function mark(pointers) {
    for (const { note, holder } of notes.values()) {
      const own = pointers.filter((one) => one.note === note.key);
      const said = JSON.stringify(own.map((one) => [one.start, one.end, one.number]));
      if (holder.dataset.marks === said) continue; // a redraw would take the person's selection away
      holder.dataset.marks = said;
      set_children(holder, note.text ? pieces(note.text, own).map(piece) : "No text of this note is kept here.");
    }
    find.again();
  }

  /** Shows where a pointer points. */
  function show(pointer) {
    const found = notes.get(pointer.note);
    const target = found?.holder.querySelector(`mark[data-start="${pointer.start}"]`) ?? found?.holder;
    if (!target) return false;
    target.scrollIntoView({ block: "center" });
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    return true;
  }

  return { element, mark, show, note: (key) => notes.get(key)?.note, find: () => find.focus(), close: find.close };
}

function piece({ text: words, start, numbers, ends }) {
  if (numbers.length === 0) return words;
  const which = `quoted for ${numbers.length === 1 ? "criterion" : "criteria"} ${numbers.join(" and ")}`;
  const label = ends.length ? h("span", { class: "sf-mark-number", dataset: { aside: "" } }, h("span", { class: "sf-visually-hidden" }, ` (${which}) `), h("span", { "aria-hidden": "true" }, ends.join(", "))) : null;
  return h("mark", { title: which, dataset: { start } }, words, label);
}

/** Events and notes in one list by day, so that what was written stands beside what happened. A note's own entry is not shown twice. */
function entries(panel, notes) {
  const texts = new Set(panel.notes.map((note) => note.ref).filter(Boolean));
  const events = panel.timeline.filter((row) => !(row.kind === "document" && texts.has(row.source)));
  const rows = [
    ...events.map((row) => ({ day: row.day ?? "", time: row.time ?? "", element: () => event_entry(row) })),
    ...panel.notes.map((note) => ({ day: note.day ?? "", time: "~", element: () => note_entry(note, notes.get(note.key).holder) })),
  ];
  if (rows.length === 0) return h("li", { class: "sf-hint" }, "Nothing is recorded here.");
  rows.sort((one, other) => one.day.localeCompare(other.day) || one.time.localeCompare(other.time));
  return rows.map((row) => row.element());
}

/** The notes stand among a year of events: how many there are, and the way to the first of the draw's own month. */
function jump(panel, notes) {
  if (!panel.notes.length) return null;
  const month = panel.covers_to?.slice(0, 7);
  const first = panel.notes.find((note) => month && note.day?.startsWith(month)) ?? panel.notes[0];
  const label = first.day?.startsWith(month) ? "Go to the notes of the last month" : "Go to the notes";
  return h("p", { class: "sf-hint sf-jump" }, `${plural(panel.notes.length, "note", "notes")} `, button(label, { kind: "quiet small", run: () => to_note(notes.get(first.key).holder) }));
}

function to_note(holder) {
  const heading = holder.closest("li").querySelector("h3");
  heading.setAttribute("tabindex", "-1");
  heading.scrollIntoView({ block: "start" });
  heading.focus({ preventScroll: true });
}

function when(day, time = "") {
  return h("time", { class: "sf-when", datetime: day }, day ? day_short(day) : "no day", time ? h("span", { class: "sf-time" }, ` ${time}`) : null);
}

function event_entry(row) {
  return h("li", { class: "sf-entry sf-event" }, when(row.day, row.time), h("span", { class: "sf-what" }, row.label));
}

function note_entry(note, holder) {
  const about = [note.author, note.ref].filter(Boolean).join(" · ");
  return h(
    "li",
    { class: "sf-entry sf-note" },
    h("h3", null, when(note.day), h("span", { class: "sf-what" }, note.kind.slice(0, 1).toUpperCase() + note.kind.slice(1))),
    about ? h("p", { class: "sf-hint" }, about) : null,
    holder,
  );
}

function plans(panel) {
  if (!panel.plans.length) return null;
  const row = (plan) => {
    const dates = [["made", plan.created], ["updated", plan.updated], ["agreed", plan.agreed], ["ended", plan.ended]].filter(([, day]) => day);
    const due = plan.review_due ? `review due ${day_short(plan.review_due)}` : `review due: ${plan.review_due_words || "not recorded"}`;
    return h("li", { class: "sf-plan" }, h("strong", null, plan.kind_label), " ", [...dates.map(([word, day]) => `${word} ${day_short(day)}`), due].join(" · "));
  };
  return h("section", { class: "sf-plans" }, h("h3", null, "Plans"), h("ul", { class: "sf-plain" }, panel.plans.map(row)));
}

function untold(panel) {
  if (!panel.cannot_tell?.length) return null;
  return h(
    "section",
    { class: "sf-untold" },
    h("h3", null, "What this extract cannot tell"),
    h("p", null, "That nothing of these kinds stands here does not mean that there was none."),
    h("details", null, h("summary", null, plural(panel.cannot_tell.length, "kind", "kinds")), h("ul", null, panel.cannot_tell.map((label) => h("li", null, label)))),
  );
}

/** Finding words in the record. Hits are painted over the text and change nothing in it. */
function create_find(body) {
  const input = h("input", { type: "search", autocomplete: "off", spellcheck: "false", id: unique_id("find") });
  const count = h("span", { class: "sf-count", role: "status" });
  const [painted, current] = ["sf-found", "sf-found-now"];
  const paints = globalThis.CSS?.highlights ?? null;
  let hits = [];
  let at = -1;
  let still = 0;

  /** Says how many there are, once the person has stopped typing. */
  function tell(words, patience) {
    clearTimeout(still);
    still = setTimeout(() => text(count, words), patience);
  }

  function search() {
    const wanted = input.value.trim();
    hits = wanted ? [...body.querySelectorAll(".sf-note-text, .sf-what, .sf-plan, .sf-entry .sf-hint, .sf-when")].flatMap((place) => ranges(place, wanted)) : [];
    at = Math.min(at, hits.length - 1);
    paint();
    tell(!wanted ? "" : hits.length ? (at < 0 ? plural(hits.length, "found", "found") : `${at + 1} of ${hits.length}`) : "None found", STILL);
  }

  function paint() {
    if (!paints) return;
    paints.set(painted, new Highlight(...hits.filter((_, place) => place !== at)));
    paints.set(current, new Highlight(...(hits[at] ? [hits[at]] : [])));
  }

  function step(by) {
    if (hits.length === 0) return;
    at = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
    hits[at].startContainer.parentElement?.scrollIntoView({ block: "center" });
    paint();
    tell(`${at + 1} of ${hits.length}`, 0);
  }

  input.addEventListener("input", () => {
    at = -1;
    search();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    }
  });
  const element = h(
    "div",
    { class: "sf-find", role: "search" },
    h("label", { for: input.id }, "Find"),
    input,
    button("↑", { kind: "quiet small", name: "Previous place", run: () => step(-1) }),
    button("↓", { kind: "quiet small", name: "Next place", run: () => step(1) }),
    count,
  );
  const close = () => {
    clearTimeout(still);
    for (const name of [painted, current]) paints?.delete(name);
  };
  return { element, focus: () => input.focus(), again: () => input.value && search(), close };
}

/** The places of some words in an element, as ranges; capitals make no difference. */
function ranges(place, wanted) {
  const nodes = [];
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest("[data-aside]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  let length = 0;
  while (walker.nextNode()) {
    nodes.push({ node: walker.currentNode, from: length });
    length += walker.currentNode.data.length;
  }
  const whole = nodes.map((one) => one.node.data).join("");
  const pattern = new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
  const at = (offset) => nodes.findLast((one) => one.from <= offset);
  return [...whole.matchAll(pattern)].map((match) => {
    const range = document.createRange();
    const [first, last] = [at(match.index), at(match.index + match[0].length - 1)];
    range.setStart(first.node, match.index - first.from);
    range.setEnd(last.node, match.index + match[0].length - last.from);
    return range;
  });
}
