// A case then and now: open once the follow-up review is signed, and not before. It shows repair, which is not improvement.

import { button, focus_heading, h, set_children } from "./dom.js";
import { action_state, evidence_words } from "./action_card.js";
import { day_element, day_words, mark, section, show_failure, stacked_table } from "./screen_parts.js";

const CHANGES = {
  improved: ["up", "good"],
  unchanged: ["same", "plain"],
  worsened: ["down", "bad"],
  not_comparable: ["none", "plain"],
};
const LABELS = { improved: "improved", unchanged: "unchanged", worsened: "worsened", not_comparable: "cannot be compared" };
const SVG = "http://www.w3.org/2000/svg";
const [LEFT, STEP, HIGH] = [9, 24, 22]; // of the small scale, whose levels are 0 to 3

/** Shows then and now of a signed follow-up. */
export async function show(root, context, params) {
  await fill(root, context, params);
  return { dispose() {} };
}

async function fill(root, context, params) {
  try {
    const page = await context.api.get(`api/compare/${params.review}`);
    set_children(root, body(context, page));
  } catch (error) {
    show_failure(root, context, error, () => fill(root, context, params));
  }
  focus_heading(root);
}

function body(context, page) {
  return h("div", { class: "sf-page sf-stack ss-screen" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, `Then and now: ${page.case_label}`),
      h("p", { class: "ss-lead" }, page.headline),
      h("p", { class: "sf-muted" }, `${page.practitioner_label}. First scored ${day_words(page.then_on)}, scored again ${day_words(page.now_on)}.`),
      h("ul", { class: "ss-marks", "aria-label": "How many changed in which way" },
        Object.entries(page.counts).filter(([, count]) => count).map(([change, count]) =>
          h("li", null, mark(`${count} ${LABELS[change]}`, ...CHANGES[change])))),
      h("p", { class: "ss-note" }, page.note)),
    by_rubric(page.criteria).map(([title, rows]) => rubric(title, rows)),
    actions(page.actions),
    changes(page),
    h("p", { class: "sf-row" }, button("Back to follow-up", { run: () => context.go("follow_up", {}) }),
      record_link(context, page.first, "Record of the first rating"), record_link(context, page.review, "Record of the follow-up")));
}

function record_link(context, review, words) {
  const address = context.api.link(`api/record/${review}.html`, { purpose: context.purpose() });
  return h("a", { class: "sf-button quiet", href: address, target: "_blank", rel: "noopener" }, `${words} (opens a new page)`);
}

function by_rubric(rows) {
  const found = new Map();
  for (const row of rows) found.set(row.rubric_title, [...(found.get(row.rubric_title) ?? []), row]);
  return [...found];
}

function rubric(title, rows) {
  return section(title, stacked_table({
    caption: `${title}: each criterion, then and now`,
    hide_caption: true,
    head: ["Criterion", "Then", "Now", "Change"],
    rows: rows.map((row) => [
      h("span", null, h("span", { class: "ss-number" }, String(row.number)), row.title, row.critical ? h("span", { class: "ss-critical" }, " Critical") : null),
      answer(row.then),
      answer(row.now),
      h("div", null, mark(row.change_label, ...CHANGES[row.change]), scale(row),
        row.why ? h("p", { class: "ss-hint" }, `${row.why}.`) : null),
    ]),
  }));
}

function answer(side) {
  return h("div", { class: "ss-answer" }, h("p", null, side.label), side.comment ? h("p", { class: "ss-comment" }, side.comment) : null);
}

/** Returns then (a ring) and now (a disc) on the four levels; what it shows stands beside it in words. */
export function scale(row) {
  if (row.then.level === null || row.now.level === null) return null;
  const svg = draw("svg", { viewBox: `0 0 ${2 * LEFT + 3 * STEP} ${HIGH}`, class: "ss-scale", "aria-hidden": "true", focusable: "false" });
  const at = (level) => LEFT + STEP * level;
  svg.append(draw("line", { x1: at(0), x2: at(3), y1: 11, y2: 11, class: "ss-axis" }));
  for (const level of [0, 1, 2, 3]) svg.append(draw("line", { x1: at(level), x2: at(level), y1: 7, y2: 15, class: "ss-axis" }));
  if (row.then.level !== row.now.level) svg.append(draw("line", { x1: at(row.then.level), x2: at(row.now.level), y1: 11, y2: 11, class: "ss-way" }));
  svg.append(draw("circle", { cx: at(row.then.level), cy: 11, r: 7, class: "ss-then" }), draw("circle", { cx: at(row.now.level), cy: 11, r: 4.5, class: "ss-now" }));
  return svg;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function actions(rows) {
  if (!rows.length) return section("Actions and their evidence", h("p", null, "The first rating raised no action."));
  return section("Actions and their evidence", stacked_table({
    caption: `What was agreed after the first rating, and whether it was seen in the record (${rows.length})`,
    head: ["Action", "Owner", "Due", "Evidence", "State"],
    rows: rows.map((row) => [
      h("span", null, row.text, h("span", { class: "ss-number" }, ` ${row.finding}`)),
      row.owner,
      day_element(row.due),
      mark(row.produced ? evidence_words(row) : row.produced_label, row.produced ? "tick" : "hollow", row.produced ? "good" : "warn"),
      action_state(row),
    ]),
  }));
}

function changes(page) {
  return section("What changed in the record since",
    page.record_changes_note ? h("p", { class: "sf-muted" }, page.record_changes_note) : null,
    page.record_changes.length
      ? h("ol", { class: "ss-timeline" }, page.record_changes.map((row) => h("li", null, day_element(row.day), h("span", null, row.label))))
      : page.record_changes_note ? null : h("p", null, "Nothing that the extract shows."));
}
