// Words that more than one page needs, and figures that are counted from what the server showed.

import { plural } from "./dom.js";

export const LEVELS = [0, 1, 2, 3];
export const CODES = { not_applicable: "Not applicable", not_accessible: "Record not accessible" };

/** "2" -> "level 2", a code -> its words. @param {{level: number | null, code: string | null} | undefined} one */
export function answer_words(one) {
  if (!one) return "no answer";
  return one.level === null ? CODES[one.code] : `level ${one.level}`;
}

/** Where a session stands, in words. */
export function step_words(step, round) {
  return {
    lobby: "Waiting to begin",
    scoring: `Round ${round}: scoring`,
    revealed: `Round ${round}: revealed`,
    reference: "Reference levels",
    finished: "Finished",
  }[step];
}

export const locked_words = (view) => `${view.locked} of ${view.active} locked`;
export const joined_words = (view) => `${view.joined} joined`;

/** A join code as it is read aloud: in two halves. */
export const spaced = (code) => code.replace(/(.{3})(?=.)/g, "$1 ");

/** What one types to come to the page for joining. Inside Jupyter the bare address is another page, so the whole one is needed. */
export function join_place(view, base) {
  return view.join_address || `${document.location.origin}${base}join`;
}

/** Whether nobody but this computer can open that address. */
export const is_local = (place) => /\/\/(127\.|localhost[:/]|localhost$|\[::1\])/.test(place);

export const HOST_WORDS = "Only this computer can open that address. To let others in, stop this program, and hold the session at this computer's address in the room's network, for instance: sampling calibrate --host 192.168.1.20";

/** The result of a criterion in a round, or undefined. */
export const result_of = (view, ref, round) => view.results.find((one) => one.ref === ref && one.round === round);

/** The rounds that this view shows. */
export const rounds_of = (view) => [...new Set(view.results.map((one) => one.round))].sort();

/** How many raters stayed, went up and went down between the rounds, in words; "" where that is not shown. */
export function change_words(change, pass_level) {
  if (!change.table) return `${plural(change.raters, "rater", "raters")} gave a level in both rounds: too few to show how they moved.`;
  let [stayed, up, down, passed, fell] = [0, 0, 0, 0, 0];
  change.table.forEach((row, first) => row.forEach((count, second) => {
    if (first === second) stayed += count;
    else if (second > first) up += count;
    else down += count;
    if (first < pass_level && second >= pass_level) passed += count;
    if (first >= pass_level && second < pass_level) fell += count;
  }));
  const crossed = passed + fell ? ` Across the threshold: ${passed} upwards, ${fell} downwards.` : " Nobody crossed the threshold.";
  return `${plural(change.raters, "rater", "raters")} in both rounds: ${stayed} stayed, ${up} went up, ${down} went down.${crossed}`;
}

/** How far a criterion splits a group: those on the smaller side of the threshold, then how far two raters differ on average; null for too few. */
export function split_of(result, pass_level) {
  if (!result.counts) return null;
  const { counts, rated } = result;
  const above = counts.slice(pass_level).reduce((sum, one) => sum + one, 0);
  let apart = 0;
  for (const one of LEVELS) for (const other of LEVELS) apart += counts[one] * counts[other] * Math.abs(one - other);
  const pairs = rated * (rated - 1);
  return { above, below: rated - above, minority: Math.min(above, rated - above) / rated, apart: pairs ? apart / pairs : 0 };
}
