// Bringing a review to this page: asked for, asked for ahead, and what the page has not sent yet laid over it.

import { quote_of } from "./pointers.js";

const FRESH = 60_000; // milliseconds for which a case that was asked for ahead is good
let ahead = null; // the next case, asked for while the signature is read: {review, at, answer}

export function ask_review(context, review, purpose) {
  return context.api.get(`api/review/${review}`, { query: { purpose } });
}

/** Asks for the next case before it is opened. */
export function fetch_ahead(context, review, purpose) {
  if (!review) return;
  const answer = ask_review(context, review, purpose);
  answer.catch(() => {}); // asked again when it is opened
  ahead = { review, purpose, at: performance.now(), answer };
}

/** Returns a review as `payload`, and when it was asked for. */
export async function fetch_review(context, review, purpose) {
  const ready = ahead && ahead.review === review && ahead.purpose === purpose && performance.now() - ahead.at < FRESH ? ahead : null;
  ahead = null;
  const asked_at = ready?.at ?? performance.now();
  return { payload: (await ready?.answer.catch(() => null)) ?? (await ask_review(context, review, purpose)), asked_at };
}

/** Tells the save loop which revisions the page has seen, and lays over what it has not sent yet. */
export function overlay(context, model, asked_at) {
  const { review, state, panel } = model.payload;
  const beside = new Set(state.conflicts.map((one) => one.other.id)); // what was written here stays on the screen until someone chooses
  const mine = context.save.stored_since(review, 0).filter((change) => beside.has(change.id));
  for (const { subject } of state.conflicts) context.save.hold(review, subject);
  for (const [subject, revision] of Object.entries(state.revisions)) context.save.known(review, subject, revision);
  const waiting = [...mine, ...context.save.stored_since(review, asked_at), ...context.save.waiting().filter((change) => change.review === review)];
  for (const change of waiting.sort((one, other) => one.sequence - other.sequence)) {
    const { data } = change;
    const note = change.private_fields && !("quote" in data) ? panel.notes.find((one) => one.key === data.note) : null;
    model.apply(note && data.start !== null ? { ...change, data: { ...data, quote: quote_of(note.text, data.start, data.end) } } : change);
  }
}
