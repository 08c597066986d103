// The record: what happened, the plans, the notes. Everything in it is text. Find, and quote by selection.

import { button, clear, date_words, day_short, h, set_children, text, unique_id } from "./dom.js";

const QUOTE = 200; // characters: a pointer, not a copy (docs/decisions/0011-no-word-is-lost.md)

export function create_panel(panel) {
  const find = h("input", { type: "search", id: unique_id("find"), autocomplete: "off" });
  const found = h("p", { class: "sf-hint", role: "status" });
  const notes = new Map(); // note key -> {note, element}
  let marks = [];
  let at = -1;

  function note_part(note) {
    const words = h("p", { class: "sf-note-text", dataset: { note: note.key } }, note.text || "No text of this note is kept here.");
    notes.set(note.key, { note, element: words });
    return h("li", { class: "sf-entry" }, h("h4", {}, `${date_words(note.day)} · ${note.kind}`), h("p", { class: "sf-hint" }, note.author ? `${note.author} · ` : "", note.ref || ""), words);
  }

  const timeline = [...panel.timeline].reverse();
  const element = h(
    "section",
    { class: "sf-panel", "aria-label": "Record", tabindex: "0" },
    h("h2", {}, "Record"),
    h("p", { class: "sf-hint" }, panel.covers_to ? `As recorded up to ${date_words(panel.covers_to)}.` : "", panel.note ? " " + panel.note : ""),
    h("div", { class: "sf-find" }, h("label", { for: find.id }, "Find"), find, button("Next", { kind: "quiet", run: () => step(1) }), button("Previous", { kind: "quiet", run: () => step(-1) })),
    found,
    h("h3", {}, "Plans"),
    panel.plans.length
      ? h("ul", { class: "sf-plain" }, panel.plans.map((plan) => h("li", {}, h("strong", {}, plan.kind_label), `: made ${day_of(plan.created)}, updated ${day_of(plan.updated)}, review due ${plan.review_due ? date_words(plan.review_due) : plan.review_due_words || "not recorded"}`, plan.ended ? `, ended ${day_of(plan.ended)}` : "")))
      : h("p", {}, "No plan is recorded."),
    h("h3", {}, "Notes"),
    panel.notes.length ? h("ol", { class: "sf-plain" }, panel.notes.map(note_part)) : h("p", {}, "The extract brings no notes. Read them in the case system, and point to them by date and kind."),
    h("h3", {}, "What happened"),
    h("ol", { class: "sf-plain sf-timeline" }, timeline.map((event) => h("li", {}, h("span", { class: "sf-day" }, day_short(event.day) + " " + event.day.slice(0, 4) + (event.time ? " " + event.time : "")), " ", event.label))),
    panel.cannot_tell?.length ? [h("h3", {}, "What this extract cannot tell"), h("ul", {}, panel.cannot_tell.map((sentence) => h("li", {}, sentence)))] : null,
  );

  function day_of(day) {
    return day ? date_words(day) : "not recorded";
  }

  function draw_marks(pointers, wanted) {
    for (const { note, element: words } of notes.values()) {
      const letters = Array.from(note.text || "");
      if (!letters.length) continue;
      const spans = pointers.filter((one) => one.note === note.key && one.start !== null && one.start !== undefined).map((one) => [one.start, one.end, "quote"]);
      if (wanted) for (const start of places(letters, wanted)) spans.push([start, start + Array.from(wanted).length, "find"]);
      const cuts = [...new Set([0, letters.length, ...spans.flatMap(([start, end]) => [start, end])])].filter((cut) => cut <= letters.length).sort((a, b) => a - b);
      clear(words);
      for (let place = 0; place + 1 < cuts.length; place += 1) {
        const piece = letters.slice(cuts[place], cuts[place + 1]).join("");
        const kinds = spans.filter(([start, end]) => start <= cuts[place] && end >= cuts[place + 1]).map(([, , kind]) => kind);
        words.append(kinds.length ? h("mark", { class: kinds.map((kind) => "sf-mark-" + kind).join(" ") }, piece) : piece);
      }
    }
  }

  function places(letters, wanted) {
    const low = letters.map((letter) => letter.toLowerCase());
    const want = Array.from(wanted).map((letter) => letter.toLowerCase());
    const starts = [];
    for (let start = 0; start + want.length <= low.length; start += 1) if (want.every((letter, offset) => low[start + offset] === letter)) starts.push(start);
    return starts;
  }

  let pointers = [];
  function redraw() {
    draw_marks(pointers, find.value.trim());
    marks = [...element.querySelectorAll(".sf-mark-find")];
  }
  find.addEventListener("input", () => {
    redraw();
    at = -1;
    text(found, find.value.trim() ? (marks.length ? `${marks.length} found` : "Nothing found in the notes") : "");
  });
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    }
  });

  function step(by) {
    if (!marks.length) return;
    at = (at + by + marks.length) % marks.length;
    marks.forEach((mark, place) => mark.classList.toggle("sf-mark-now", place === at));
    marks[at].scrollIntoView({ block: "center" });
    text(found, `${at + 1} of ${marks.length}`);
  }

  /** Returns what is selected in one note: {note, start, end, quote}, with offsets in code points; null where nothing is. */
  function selected() {
    const selection = window.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    for (const { note, element: words } of notes.values()) {
      if (!note.text || !words.contains(range.startContainer) || !words.contains(range.endContainer)) continue;
      const before = document.createRange();
      before.selectNodeContents(words);
      before.setEnd(range.startContainer, range.startOffset);
      const start = Array.from(before.toString()).length;
      const quote = Array.from(range.toString()).slice(0, QUOTE);
      if (!quote.length) return null;
      return { note, start, end: start + quote.length, quote: quote.join("") };
    }
    return null;
  }

  return {
    element,
    selected,
    mark(list) {
      pointers = list;
      redraw();
    },
    focus_find: () => find.focus(),
    shorten: (words) => Array.from(words).slice(0, QUOTE).join(""),
  };
}
