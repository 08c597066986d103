// The changes of this page that are not acknowledged yet: in their order, subject by subject, each in the outbox before any network.
//
// A change that was sent once is sent again, under the same id, until it is answered: the server may have committed it although its
// answer was lost. A change that was never sent is simply replaced by the next one on the same subject.

import { new_id } from "./dom.js";

const QUIET = 300; // milliseconds without a key before text is due
const LONGEST = 1500; // and the longest that typing goes on unsent

const place = (review, subject) => `${review}|${subject}`;
const is_incomplete = (change) => (change.private_fields ?? []).some((name) => !(name in change.data));

/** @param {any} outbox */
export function create_changes(outbox) {
  const slots = new Map(); // review|subject -> changes in their order; all but the last have been sent
  const known = new Map(); // review|subject -> revision
  const held = new Set(); // review|subject of which two values stand: nothing more is sent until the person has chosen
  const refused = new Map(); // id -> ApiError
  const never = new Set(); // ids that will never be in the journal: replaced or thrown away before they were stored
  let sequence = 0;

  const all = () => [...slots.values()].flat();
  /** What a person wrote; the working time is nobody's words. */
  const counted = () => all().filter((change) => change.subject !== "time");
  const is_held = (change) => held.has(place(change.review, change.subject));

  function keep_slot(key, slot) {
    if (slot.length) slots.set(key, slot);
    else slots.delete(key);
  }

  /**
   * Takes a change in. Returns it; null where it takes back what was never sent, of which there is nothing to tell anyone.
   * @param {{kind: string, review: string, subject: string, data: any, id?: string, base?: number, undoes?: string, soon?: boolean, private_fields?: string[]}} given
   */
  function add(given) {
    const { kind, review, subject, data, soon = true, private_fields } = given;
    const key = place(review, subject);
    const slot = slots.get(key) ?? [];
    const last = slot.at(-1);
    const replaced = last && may_replace(last, given) ? slot.pop() : null;
    const before = slot.at(-1);
    if (replaced && given.undoes === replaced.id && !before && !known.get(key)) return cancel(key, replaced);
    sequence += 1;
    const now = Date.now();
    const change = {
      id: given.id ?? new_id(), // what an earlier page handed over is the same event again
      kind,
      review,
      subject,
      data,
      base: given.base ?? (held.has(key) ? 0 : (replaced?.base ?? before?.base ?? known.get(key) ?? 0)),
      undoes: undone(given.undoes, replaced),
      private_fields,
      sequence,
      sent: false,
      made: now,
      first: !soon && replaced?.first ? replaced.first : now,
    };
    change.due = soon ? now : Math.min(now + QUIET, change.first + LONGEST);
    slots.set(key, [...slot, change]);
    if (replaced) refused.delete(replaced.id);
    outbox.keep(change);
    if (replaced) forget_one(replaced);
    return change;
  }

  /** What was never sent, or was refused, gives way to the next change of its kind; and to what takes it back. */
  function may_replace(last, given) {
    return (!last.sent || refused.has(last.id)) && (last.kind === given.kind || given.undoes === last.id);
  }

  function cancel(key, change) {
    slots.delete(key);
    refused.delete(change.id);
    forget_one(change);
    return null;
  }

  function forget_one(change) {
    never.add(change.id);
    outbox.drop(change);
  }

  /** What was never stored cannot be taken back in the journal: it was replaced here. An id of an earlier page can. */
  function undone(id, replaced) {
    return !id || id === replaced?.id || refused.has(id) || never.has(id) ? "" : id;
  }

  /** The first change of each subject, where nothing keeps it back. */
  function ready() {
    const heads = [...slots].filter(([key]) => !held.has(key)).map(([, slot]) => slot[0]);
    return heads.filter((one) => !refused.has(one.id) && !is_incomplete(one));
  }

  /** Takes the acknowledgement of a change. What was written on top of it goes on from its revision. */
  function settle(change, receipt) {
    const key = place(change.review, change.subject);
    const slot = (slots.get(key) ?? []).filter((one) => one.id !== change.id);
    const conflict = receipt.status === "conflict";
    know(change.review, change.subject, receipt.revision);
    // What was typed on top of a change that met another's value was not written with that value in view: it meets it, too.
    for (const later of slot) later.base = conflict ? 0 : receipt.revision;
    for (const later of slot) outbox.keep(later);
    keep_slot(key, slot);
    outbox.drop(change);
    if (conflict) held.add(key);
  }

  /** Takes a change out of the way that the server will never take. @param {string} id */
  function discard(id) {
    for (const [key, slot] of slots) {
      for (const gone of slot.filter((one) => one.id === id)) forget_one(gone);
      keep_slot(key, slot.filter((one) => one.id !== id));
    }
    refused.delete(id);
  }

  /** Takes in what an earlier page left here. Perhaps it was sent, and its answer lost: it is sent again as it is. */
  function adopt(open_pages) {
    for (const kept of outbox.adopt(open_pages)) {
      const key = place(kept.review, kept.subject);
      sequence = Math.max(sequence, kept.sequence);
      slots.set(key, [...(slots.get(key) ?? []), { ...kept, sent: true, made: Date.now(), first: 0, due: 0 }]);
    }
  }

  function know(review, subject, revision) {
    const key = place(review, subject);
    known.set(key, Math.max(revision, known.get(key) ?? 0));
  }

  /** Everything that can be sent, for the moment in which the page is closed: each as if what lies before it were stored. */
  function last_events() {
    const events = [];
    for (const slot of slots.values()) {
      slot.filter((change) => !is_incomplete(change)).forEach((change, ahead) => {
        events.push({ ...wire(change), base: ahead ? slot[0].base + ahead : change.base });
        change.sent = true;
      });
    }
    return events;
  }

  return {
    add,
    ready,
    settle,
    discard,
    adopt,
    know,
    last_events,
    all,
    counted,
    is_held,
    refused,
    revision: (review, subject) => known.get(place(review, subject)) ?? 0,
    hold: (review, subject) => held.add(place(review, subject)),
    let_go: (review, subject) => held.delete(place(review, subject)),
    last_of: (review, subject) => slots.get(place(review, subject))?.at(-1),
    find: (id) => all().find((change) => change.id === id),
    incomplete: () => all().filter(is_incomplete),
    clear: () => {
      slots.clear();
      refused.clear();
      outbox.clear();
    },
  };
}

/** A change as the server takes it. */
export function wire({ id, kind, review, subject, base, data, undoes }) {
  return { id, kind, review, subject, base, data, ...(undoes ? { undoes } : {}) };
}
