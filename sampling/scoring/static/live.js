// Fields that are saved while one types, through the one save loop of the page. What is not acknowledged yet lies over what was loaded.

import { sentences_of } from "./screen_parts.js";
import { text_field } from "./texts.js";

/** Returns the data of what is still unsaved of one subject, or null: after a reload the last word typed is on the screen again. */
export function unsaved_data(context, review, subject) {
  return context.save.unsaved(review).filter((entry) => entry.subject === subject).at(-1)?.data ?? null;
}

/** Tells the save loop the revision that a page brought; never an older one than an acknowledgement has named since. */
export function know(context, review, subject, revision) {
  context.save.known(review, subject, Math.max(revision, context.save.revision(review, subject)));
}

/**
 * Returns a labelled text that is put on each input: {element, control, value, error, lock}. `put(words, soon)` hands it to the save loop.
 * `of` is [kind of event, field], `more` what texts.js takes besides.
 */
export function live_text(context, of, { put, value, read_only = false, ...more }) {
  const made = text_field(context, of, { value, ...more });
  let last = value;
  const store = (soon) => {
    if (made.value === last) return;
    last = made.value;
    put(made.value, soon);
  };
  made.lock(read_only);
  made.element.addEventListener("input", () => store(false));
  made.element.addEventListener("change", () => store(true));
  return made;
}

/**
 * Follows the save loop for one screen: refused changes are said where they belong, and fields lock while nothing may be kept.
 * `refused(subject, sentences)`, `lock(locked)`, `stored(entry, receipt)`, `conflict(entry)`. Returns what ends it.
 */
export function follow(context, { reviews, refused = () => {}, lock = () => {}, stored = () => {}, conflict = () => {} }) {
  const ours = (entry) => reviews.includes(entry.review);
  const offs = [
    context.save.on("refused", (entry, error) => ours(entry) && refused(entry.subject, sentences_of(error))),
    context.save.on("receipt", (receipt, entry) => ours(entry) && stored(entry, receipt)),
    context.save.on("conflict", (receipt, entry) => ours(entry) && conflict(entry, receipt)),
    context.save.on("locked", lock),
  ];
  if (context.save.locked) lock(true);
  return () => offs.forEach((off) => off());
}
