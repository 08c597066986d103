// What the page says of its saving: one of three states, and the sentence for it. The rule for the word "Saved" is here.

import { plural, time_words } from "./dom.js";

export const LATE = 5000; // milliseconds after which an answer is said to be missing

/**
 * @typedef {{changes: any, outbox: any, failed: any, last_saved: string, deciding: number, aside: string}} Standing
 *   `deciding`: steps of several entries that are not through; `aside`: what this service keeps nowhere, and what is on this page alone
 */

/** "saved", "saving" or "unsaved". @param {Standing} standing */
export function state_of({ changes, failed, deciding, aside }) {
  const waiting = changes.counted();
  if (waiting.length === 0) return deciding ? "saving" : aside ? "unsaved" : "saved";
  if (waiting.some(changes.is_held)) return "unsaved";
  const late = waiting.some((change) => Date.now() - change.made > LATE && (change.sent || change.due < Date.now() - LATE));
  return failed || changes.refused.size || late ? "unsaved" : "saving";
}

/** The sentence that stands at the top of the page. @param {Standing} standing */
export function words_of(standing) {
  const { changes, outbox, failed, last_saved, deciding, aside } = standing;
  const count = changes.counted().length;
  const state = state_of(standing);
  if (count === 0 && aside && !deciding) return aside;
  if (state === "saved") return last_saved ? `Saved ${time_words(last_saved)}` : "No changes yet";
  if (state === "saving") return "Saving…";
  const unsaved = plural(count, "change is", "changes are");
  const kept = outbox.why ? `${unsaved} on this page alone: keep it open.` : `${unsaved} kept on this computer.`;
  if (changes.counted().some(changes.is_held) && !failed) return `Not saved. ${kept} Choose which of two values stands.`;
  const { size } = changes.refused;
  if (size) return `Not saved. ${kept} ${plural(size, "change was", "changes were")} refused; see below.`;
  const why = failed && !failed.offline ? ` ${failed.message}` : "";
  return `Not saved. ${kept} Trying again.${why}`;
}
