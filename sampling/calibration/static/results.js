// What a revealed criterion shows, the same on every page: the finding, the dots, the rounds beside each other, quotes, the reference, a table.

import { h, plural, table } from "./dom.js";
import { dot_plot, flow_chart } from "./chart.js";
import { opens } from "./parts.js";
import { CODES, LEVELS, answer_words, change_words, result_of, rounds_of } from "./words.js";

/**
 * Returns all that is shown of a criterion.
 * @param {any} view @param {string} ref
 * @param {{own?: (round: number) => any, heading?: string}} more `own` gives one's own answer of a round; `heading` is the finding's tag
 */
export function criterion_result(view, ref, { own, heading = "h3" } = {}) {
  const rounds = rounds_of(view).filter((round) => result_of(view, ref, round));
  const last = result_of(view, ref, rounds.at(-1));
  const change = view.changes.find((one) => one.ref === ref);
  const reference = view.reference.find((one) => one.ref === ref);
  if (!last) return [h("p", null, "You joined after the round, so what the group chose is not shown to you."), reference ? reference_words(reference) : null];
  const several = rounds.length > 1;
  const most = Math.max(...rounds.flatMap((round) => result_of(view, ref, round).counts ?? []));
  return h("div", { class: "cal-result" },
    h(heading, { class: "cal-finding" }, last.finding),
    h("div", { class: `cal-panels cal-panels-${rounds.length + (change ? 1 : 0)}` },
      rounds.map((round) => panel(view, result_of(view, ref, round), { own, reference: round === rounds.at(-1) ? reference : null, several, most })),
      change ? moved(view, change) : null,
      reference ? reference_words(reference) : null),
    quotes(rounds.map((round) => result_of(view, ref, round))),
    opens(`table ${ref}`, "Show this as a table", numbers(rounds.map((round) => result_of(view, ref, round))), change?.table ? moves_table(change) : null));
}

function panel(view, result, { own, reference, several, most }) {
  const mine = own?.(result.round);
  const level = mine?.level ?? null;
  const shown = { pass_level: view.rubric.pass_level, most, own: level, reference: reference?.level ?? null };
  return h("figure", { class: "cal-panel" },
    several ? h("figcaption", null, `Round ${result.round}`) : null,
    result.counts ? dot_plot(result, shown) : several ? h("p", { class: "cal-few" }, result.finding) : null,
    own ? h("p", { class: "cal-own" }, own_words(mine, result)) : null,
    codes_words(result));
}

function own_words(mine, result) {
  if (!mine) return "You had not locked an answer in this round.";
  return mine.level === null || !result.counts ? `You chose: ${answer_words(mine)}.` : `You chose ${answer_words(mine)}: the ringed dot.`;
}

function codes_words(result) {
  const found = Object.entries(result.codes ?? {});
  return found.length ? h("p", { class: "cal-codes" }, `No level: ${found.map(([code, count]) => `${count} ${CODES[code].toLowerCase()}`).join(", ")}.`) : null;
}

function moved(view, change) {
  return h("figure", { class: "cal-panel cal-moved" },
    h("figcaption", null, "From round 1 to round 2"),
    change.table ? flow_chart(change.table, view.rubric.pass_level) : null,
    h("p", null, change_words(change, view.rubric.pass_level)),
    h("p", { class: "cal-note" }, view.change_note));
}

function reference_words(reference) {
  return h("div", { class: "cal-why" },
    h("p", null, h("span", { class: "cal-diamond", "aria-hidden": "true" }, "◆ "), h("b", null, `Reference: ${answer_words(reference)}. `), reference.why),
    reference.hard ? h("p", { class: "sf-hint" }, "This case was written to lie close to the threshold.") : null);
}

function quotes(results) {
  const found = results.flatMap((one) => one.quotes.map(([level, words]) => ({ level, words, round: one.round })));
  if (!found.length) return null;
  const several = new Set(found.map((one) => one.round)).size > 1;
  return h("div", { class: "cal-quotes" }, h("p", { class: "cal-label" }, "Quotes that raters offered"),
    LEVELS.filter((level) => found.some((one) => one.level === level)).map((level) => h("div", { class: "cal-quote-level" },
      h("p", { class: "cal-quote-head" }, `Level ${level}`),
      h("ul", null, found.filter((one) => one.level === level).map((one) =>
        h("li", null, h("q", null, one.words), several ? ` (round ${one.round})` : ""))))));
}

function numbers(results) {
  const codes = Object.entries(CODES).filter(([code]) => results.some((one) => one.codes?.[code]));
  const cell = (one, found) => (one.counts ? String(found ?? 0) : "–");
  return table({
    caption: "Raters at each level",
    head: ["Round", ...LEVELS.map((level) => `Level ${level}`), ...codes.map(([, words]) => words), "All"],
    rows: results.map((one) => [
      `Round ${one.round}`, ...LEVELS.map((level) => cell(one, one.counts?.[level])), ...codes.map(([code]) => cell(one, one.codes?.[code])), String(one.raters),
    ]),
  });
}

function moves_table(change) {
  return table({
    caption: `Levels in both rounds, ${plural(change.raters, "rater", "raters")}`,
    head: ["Round 1", ...LEVELS.map((level) => `Round 2: level ${level}`)],
    rows: LEVELS.map((level) => [`Level ${level}`, ...change.table[level].map(String)]),
  });
}
