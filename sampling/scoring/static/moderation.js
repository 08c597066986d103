// Cases with two ratings: which wait, which agree, which are to be decided. One case opens beside it (moderation_case.js).

import { button, focus_heading, h, plural, set_children } from "./dom.js";
import { show_case } from "./moderation_case.js";
import { mark, moment_words, section, show_failure, stacked_table } from "./screen_parts.js";

const TONES = { waiting: "plain", incomplete: "warn", differs: "warn", decided: "good", agrees: "good" };
const KINDS = [
  ["agree", "agree"], ["differ_1", "differ by 1"], ["differ_2", "differ by 2 or more"], ["differ_kind", "differ in kind"],
  ["incomplete", "incomplete"], ["across", "across the pass line"],
];

/** Shows the list of cases, or one case. */
export async function show(root, context, params) {
  if (params.case) return show_case(root, context, params);
  await fill(root, context);
  return { dispose() {} };
}

async function fill(root, context) {
  try {
    set_children(root, body(context, await context.api.get("api/moderation")));
  } catch (error) {
    show_failure(root, context, error, () => fill(root, context));
  }
  focus_heading(root);
}

function body(context, page) {
  return h("div", { class: "sf-page sf-stack ss-screen" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, "Moderation"),
      h("p", { class: "ss-lead" }, page.headline),
      h("p", { class: "ss-note" }, "Nobody sees another's rating of a case before both raters have signed it.")),
    page.cases.length ? cases(context, page.cases) : h("p", { class: "ss-empty" }, "No case of yours is rated twice."),
    page.referred.length ? referred(context, page.referred) : null,
    page.speed ? speed(page.speed) : null);
}

/** Returns how many criteria are how far apart, in words. */
export function count_words(counts) {
  return KINDS.filter(([name]) => counts[name]).map(([name, words]) => `${counts[name]} ${words}`).join(", ");
}

function cases(context, rows) {
  return section("Cases rated twice", stacked_table({
    caption: `Two raters, each without the other's ratings (${plural(rows.length, "case", "cases")})`,
    head: ["Case", "Practitioner", "State", "Criteria", "Open"],
    rows: rows.map((row) => [
      row.case_label,
      row.practitioner_label,
      h("div", null, mark(row.state_label, row.shape, TONES[row.state]),
        row.state === "waiting" ? h("p", { class: "ss-hint" }, row.waiting_words) : null),
      count_words(row.counts) || h("span", { class: "sf-muted" }, "Not shown yet"),
      open_case(context, row),
    ]),
  }));
}

function open_case(context, row) {
  const label = { moderate: row.to_decide ? "Decide" : "Look", learning: "Your differences" }[row.view];
  if (!label) return h("span", { class: "ss-hint" }, row.state === "waiting" && row.waiting_for.length ? "Opens when both have signed" : row.why_not);
  const control = button(label, { kind: row.to_decide && row.view === "moderate" ? "" : "quiet", run: () => context.go("moderation", { case: row.case }) });
  control.setAttribute("aria-label", `${label}: ${row.case_label}`);
  return h("div", null, control, row.view === "moderate" && row.to_decide
    ? h("p", { class: "ss-hint" }, `${plural(row.to_decide, "criterion", "criteria")} to decide`) : null);
}

function referred(context, rows) {
  return section("Referred by the rater", stacked_table({
    caption: `Cases that their rater asked a moderator to look at (${rows.length})`,
    head: ["Case", "Practitioner", "What was asked", "Since", "Open"],
    rows: rows.map((row) => [row.case_label, row.practitioner_label, row.reason, moment_words(row.since),
      row.open ? open_referred(context, row) : h("span", { class: "ss-hint" }, row.waiting_words)]),
  }));
}

function open_referred(context, row) {
  const control = button("Look", { kind: "quiet", run: () => context.go("moderation", { case: row.case }) });
  control.setAttribute("aria-label", `Look: ${row.case_label}`);
  return control;
}

function speed(found) {
  return section("Time per review",
    h("p", null, found.words),
    found.very_fast.length
      ? h("p", null, "Very fast, and worth a second look: ", found.very_fast.map((one) => one.case_label).join(", "), ".")
      : null);
}
