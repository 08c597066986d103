// What helps a trainer after the reveal: whom to ask for evidence, by level and never by name, and which criteria split the group most.

import { button, h, plural, table } from "./dom.js";
import { split_of } from "./words.js";

const last_of = (view, ref) => view.results.filter((one) => one.ref === ref).at(-1);

/** Returns the lines that ask for evidence by level, those farthest from the middle of the group first. */
export function evidence_lines(view) {
  const result = last_of(view, view.focus);
  const heading = h("h2", null, "Ask for evidence by level");
  if (!result?.counts) return [heading, h("p", null, "Too few answers to ask by level: it would tell who chose what. Ask anyone who wishes to speak.")];
  const middle = median(result.counts);
  const used = result.counts.map((count, level) => ({ count, level })).filter((one) => one.count);
  used.sort((one, other) => Math.abs(other.level - middle) - Math.abs(one.level - middle) || one.level - other.level);
  return [
    heading,
    h("p", { class: "sf-hint" }, "Those farthest from the middle of the group come first. Ask the room, never a person."),
    h("ul", null, used.map(({ count, level }) => h("li", null,
      `“Would someone who chose ${level} say what in the case led there?” `, h("span", { class: "sf-muted" }, `(${plural(count, "rater", "raters")})`)))),
  ];
}

function median(counts) {
  const all = counts.flatMap((count, level) => Array(count).fill(level));
  return (all[Math.floor((all.length - 1) / 2)] + all[Math.ceil((all.length - 1) / 2)]) / 2;
}

/** Returns the criteria with those that split the group most first. */
export function spread_table(view, run) {
  const rows = view.criteria.map((one) => {
    const result = last_of(view, one.ref);
    return { one, result, split: result ? split_of(result, view.rubric.pass_level) : null };
  });
  const weight = ({ split }) => (split ? [split.minority, split.apart] : [-1, -1]);
  rows.sort((left, right) => weight(right)[0] - weight(left)[0] || weight(right)[1] - weight(left)[1]);
  return [
    h("h2", null, "Criteria by spread"),
    table({
      caption: "First those that split the group most evenly at the pass line, then those whose levels lie farthest apart",
      head: ["Criterion", "Raters", `At level ${view.rubric.pass_level} or above`, "Below", "Apart on average", "Wall"],
      rows: rows.map(({ one, result, split }) => [
        one.title, String(result?.rated ?? 0), split ? String(split.above) : "–", split ? String(split.below) : "–", split ? split.apart.toFixed(1) : "too few",
        one.ref === view.focus ? "on the wall" : button("Show", { kind: "quiet small", name: `Show ${one.title} on the wall`, run: () => run("focus", { ref: one.ref }) }),
      ]),
    }),
    h("p", { class: "sf-hint" }, "“Apart on average” is by how many levels two raters of this group differ. Of few criteria and raters it says little."),
  ];
}
