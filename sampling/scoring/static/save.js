// The one way from this page to the journal, and the word "Saved".
//
// "Saved" appears only after the entry that holds exactly what is on the screen was committed and its id acknowledged. Everything else
// is visibly unsaved, and survives a reload where this browser may keep it (docs/decisions/0011-no-word-is-lost.md).
// A change that was sent once is sent again, under the same id, until it is answered: the server may have committed it although its
// answer was lost. A change that was never sent is simply replaced by the next one on the same subject.

import { ApiError } from "./api.js";
import { new_id, plural, time_words } from "./dom.js";

const QUIET = 300; // milliseconds without a key before text is sent
const AGAIN = 1500; // and the longest that typing goes on unsent, and the wait after a failure
const LATE = 5000; // an answer that takes longer is said to be missing
const BATCH = 100;

/**
 * @param {{api: any, outbox: any, open_pages?: Set<string>}} about `open_pages` are other windows, whose changes are theirs to send
 */
export function create_save({ api, outbox, open_pages = new Set() }) {
  const slots = new Map(); // review|subject -> changes in their order; all but the last have been sent
  const known = new Map(); // review|subject -> revision
  const stored = new Map(); // id -> receipt
  const lately = []; // {change, at}: what was acknowledged while this page is open
  const held = new Set(); // review|subject of which two values stand: nothing more is sent until the person has chosen
  const refused = new Map(); // id -> ApiError
  const never = new Set(); // ids that will never be in the journal: replaced or thrown away before they were stored
  const listeners = new Map();
  const waiters = [];
  let sequence = 0;
  let timer = 0;
  let timer_at = Infinity;
  let busy = false;
  let alone = false; // after a refusal each change is sent by itself, so that one cannot hold up the others
  let failed = null; // the ApiError of the last attempt
  let missed = 0; // heartbeats in a row
  let last_saved = "";
  let said = "";
  let was_locked = false;
  let closed = false;
  let deciding = 0; // steps that are made of several entries, and are not through yet
  let aside = ""; // what this service keeps nowhere, and what is on this page alone

  const place = (review, subject) => `${review}|${subject}`;
  const all = () => [...slots.values()].flat();
  
  function emit(event, ...values) {
    for (const fn of (listeners.get(event) ?? []).slice()) {
      try {
        fn(...values);
      } catch (error) {
        reportError(error); // a screen that fails must not stop the saving
      }
    }
  }

  /**
   * Takes a change: into the outbox before any network. Returns its id.
   * @param {{kind: string, review: string, subject: string, data: any, base?: number, undoes?: string, soon?: boolean,
   *   private_fields?: string[]}} given `soon` false: text, of which more is to be expected at once
   */
  function put(given) {
    const { kind, review, subject, data, soon = true, private_fields } = given;
    const text = !soon;
    const key = place(review, subject);
    const slot = slots.get(key) ?? [];
    const last = slot.at(-1);
    const replaced = last && may_replace(last, given) ? slot.pop() : null;
    const before = slot.at(-1);
    if (replaced && given.undoes === replaced.id && !before && !known.get(key)) return cancel(key, replaced);
    sequence += 1;
    const change = {
      id: new_id(),
      kind,
      review,
      subject,
      data,
      base: given.base ?? (held.has(key) ? 0 : (replaced?.base ?? before?.base ?? known.get(key) ?? 0)),
      undoes: undone(given.undoes, replaced),
      private_fields,
      sequence,
      sent: false,
      made: Date.now(),
      first: text && replaced?.first ? replaced.first : Date.now(),
    };
    change.due = text ? Math.min(change.made + QUIET, change.first + AGAIN) : change.made;
    slots.set(key, [...slot, change]);
    if (replaced) forgive(replaced.id);
    outbox.keep(change);
    if (replaced) forget_one(replaced);
    show();
    wake(change.due);
    return change.id;
  }

  /** What was never sent, or was refused, gives way to the next change of its kind; and to what takes it back. */
  function may_replace(last, given) {
    return (!last.sent || refused.has(last.id)) && (last.kind === given.kind || given.undoes === last.id);
  }

  /** The first change of a subject is taken back before it was sent: there is nothing to tell anyone. */
  function cancel(key, change) {
    slots.delete(key);
    forgive(change.id);
    forget_one(change);
    settle_waiters();
    show();
    return change.id;
  }

  function forget_one(change) {
    never.add(change.id);
    outbox.drop(change);
  }

  /** What was never stored cannot be taken back in the journal: it was replaced here. An id of an earlier page can. */
  function undone(id, replaced) {
    return !id || id === replaced?.id || refused.has(id) || never.has(id) ? "" : id;
  }

  /** Sends what waits now, without waiting for quiet: a field was left, or someone wants to sign. */
  function flush() {
    for (const change of all()) change.due = Math.min(change.due, Date.now());
    wake(Date.now());
  }

  function wake(moment) {
    if (closed || timer_at <= moment) return;
    clearTimeout(timer);
    timer_at = moment;
    timer = setTimeout(send, Math.max(0, moment - Date.now()));
  }

  /** The first change of each subject, where nothing keeps it back. */
  function ready() {
    const heads = [...slots].filter(([key]) => !held.has(key)).map(([, slot]) => slot[0]);
    return heads.filter((one) => !refused.has(one.id) && !incomplete(one));
  }

  function next_batch() {
    const now = Date.now();
    const due = ready().filter((one) => one.sent || one.due <= now).sort((one, other) => one.sequence - other.sequence);
    return due.slice(0, alone ? 1 : BATCH);
  }

  async function send() {
    timer_at = Infinity;
    if (busy || closed) return;
    const batch = next_batch();
    if (batch.length === 0) return schedule();
    busy = true;
    for (const change of batch) change.sent = true;
    const patience = setTimeout(show, LATE + 50);
    try {
      accept(batch, await api.post("api/events", { events: batch.map(wire) }));
      failed = null;
      missed = 0;
    } catch (error) {
      if (!(error instanceof ApiError)) reportError(error);
      const known_error = error instanceof ApiError ? error : new ApiError("This page failed. Reload it safely.", { status: 500 });
      await judge(batch, known_error);
    } finally {
      clearTimeout(patience);
      busy = false;
      schedule();
      show();
    }
  }

  function schedule() {
    const waiting = ready();
    if (waiting.length === 0) {
      if (refused.size === 0) alone = false;
      return;
    }
    const now = Date.now();
    if (failed) wake(now + Math.max(AGAIN, failed.retry));
    else wake(Math.min(...waiting.map((one) => (one.sent ? now : one.due))));
  }

  function accept(batch, answer) {
    const receipts = new Map(answer.receipts.map((receipt) => [receipt.id, receipt]));
    for (const change of batch) {
      const receipt = receipts.get(change.id);
      if (!receipt) continue; // not acknowledged by its id, so not saved
      settle(change, receipt);
    }
    emit("answer", answer);
  }

  function settle(change, receipt) {
    const key = place(change.review, change.subject);
    const slot = (slots.get(key) ?? []).filter((one) => one.id !== change.id);
    const conflict = receipt.status === "conflict";
    known.set(key, Math.max(receipt.revision, known.get(key) ?? 0));
    // What was typed on top of a change that met another's value was not written with that value in view: it meets it, too.
    for (const later of slot) later.base = conflict ? 0 : receipt.revision;
    for (const later of slot) outbox.keep(later);
    if (slot.length) slots.set(key, slot);
    else slots.delete(key);
    outbox.drop(change);
    stored.set(change.id, receipt);
    lately.push({ change, at: performance.now() });
    if (conflict) held.add(key);
    if (receipt.at) last_saved = receipt.at;
    emit("receipt", receipt, change);
    if (conflict) emit("conflict", receipt, change);
    settle_waiters();
  }

  /** What passes by itself is tried again; anything else is the fault of one change, which is then found and named. */
  async function judge(batch, error) {
    const gone = error.status === 403 || error.status === 404; // of this change alone, or of the whole page?
    if (gone && (await api.get("api/me").then(() => true).catch(() => false))) return turn_down(batch, error);
    if (error.passing) failed = error;
    else turn_down(batch, error);
  }

  function turn_down(batch, error) {
    failed = null;
    if (batch.length > 1) {
      alone = true;
      return;
    }
    if (batch[0].subject === "time") return discard(batch[0].id); // nobody's words: a refusal of it is nothing to show
    refused.set(batch[0].id, error);
    emit("refused", batch[0], error);
    settle_waiters();
  }

  /** Takes a change out of the way that the server will never take, on the person's word. */
  function discard(id) {
    for (const [key, slot] of slots) {
      const left = slot.filter((one) => one.id !== id);
      for (const gone of slot.filter((one) => one.id === id)) forget_one(gone);
      if (left.length) slots.set(key, left);
      else slots.delete(key);
    }
    forgive(id);
    settle_waiters();
    show();
  }

  function forgive(id) {
    refused.delete(id);
    if (refused.size === 0) alone = false;
  }

  /** Nothing more of this subject is sent until `release`: two values stand, and a person has to choose. */
  function hold(review, subject) {
    held.add(place(review, subject));
    show();
  }

  /** Sends what was held, as one more value beside the one that stands. Resolves when it is stored. */
  async function release(review, subject) {
    const key = place(review, subject);
    held.delete(key);
    const last = slots.get(key)?.at(-1);
    if (last) await when_saved(last.id);
    held.delete(key);
  }

  // What was left here by an earlier page

  function incomplete(change) {
    return (change.private_fields ?? []).some((name) => !(name in change.data));
  }

  function adopt() {
    for (const kept of outbox.adopt(open_pages)) {
      const key = place(kept.review, kept.subject);
      sequence = Math.max(sequence, kept.sequence);
      // Perhaps it was sent, and its answer lost: it is sent again as it is.
      slots.set(key, [...(slots.get(key) ?? []), { ...kept, sent: true, made: Date.now(), first: 0, due: 0 }]);
    }
    show();
    wake(Date.now());
  }

  /** Fills in what the outbox may not keep. @param {string} id @param {Object<string, any>} data */
  function complete(id, data) {
    const change = all().find((one) => one.id === id);
    if (!change) return;
    change.data = { ...change.data, ...data };
    wake(Date.now());
  }

  // What is said

  function counted() {
    return all().filter((change) => change.subject !== "time");
  }

  function state() {
    const waiting = counted();
    if (waiting.length === 0) return deciding ? "saving" : aside ? "unsaved" : "saved";
    if (waiting.some((change) => held.has(place(change.review, change.subject)))) return "unsaved";
    const late = waiting.some((change) => Date.now() - change.made > LATE && (change.sent || change.due < Date.now() - LATE));
    return failed || refused.size || late ? "unsaved" : "saving";
  }

  function words() {
    const count = counted().length;
    if (count === 0 && aside && !deciding) return aside;
    if (state() === "saved") return last_saved ? `Saved ${time_words(last_saved)}` : "No changes yet";
    if (state() === "saving") return "Saving…";
    const changes = plural(count, "change is", "changes are");
    const kept = outbox.why ? `${changes} on this page alone: keep it open.` : `${changes} kept on this computer.`;
    const choose = counted().some((change) => held.has(place(change.review, change.subject)));
    if (choose && !failed) return `Not saved. ${kept} Choose which of two values stands.`;
    if (refused.size) return `Not saved. ${kept} ${plural(refused.size, "change was", "changes were")} refused; see below.`;
    const why = failed && !failed.offline ? ` ${failed.message}` : "";
    return `Not saved. ${kept} Trying again.${why}`;
  }

  function locked() {
    return Boolean(outbox.why) && (failed !== null || missed > 0);
  }

  function show() {
    const about = { lost: missed > 1, open: counted().length };
    const now = `${state()}|${words()}|${about.lost}`;
    if (now !== said) {
      said = now;
      emit("state", state(), words(), about);
    }
    if (locked() !== was_locked) {
      was_locked = locked();
      emit("locked", was_locked);
    }
    if (state() === "saving") setTimeout(show, LATE + 50);
  }

  /** Counts a heartbeat: whether the server was there. @param {boolean} there */
  function beat(there) {
    missed = there ? 0 : missed + 1;
    if (there && failed) {
      failed.retry = 0;
      flush();
    }
    show();
  }

  // What others wait for

  function when_saved(id) {
    const receipt = id ? stored.get(id) : undefined;
    if (receipt || (!id && counted().length === 0)) return Promise.resolve(receipt);
    if (id && refused.has(id)) return Promise.reject(refused.get(id));
    flush();
    return new Promise((resolve, reject) => waiters.push({ id, resolve, reject }));
  }

  function settle_waiters() {
    for (const waiter of waiters.splice(0)) {
      const gone = waiter.id && !all().some((change) => change.id === waiter.id);
      if (waiter.id && refused.has(waiter.id)) waiter.reject(refused.get(waiter.id));
      else if (waiter.id ? stored.has(waiter.id) || gone : counted().length === 0) waiter.resolve(stored.get(waiter.id));
      else if (!waiter.id && refused.size) waiter.reject([...refused.values()][0]);
      else waiters.push(waiter);
    }
  }

  /** Waits a moment for what is on its way; tells whether all is saved. */
  async function idle(patience = 2000) {
    const waited = new Promise((resolve) => setTimeout(resolve, patience));
    await Promise.race([when_saved().catch(() => null), waited]);
    return counted().length === 0;
  }

  /** Hands everything to the browser to deliver, while the page is being closed. The same id twice is one entry. */
  function last_words() {
    const events = [];
    for (const slot of slots.values()) {
      slot.filter((change) => !incomplete(change)).forEach((change, ahead) => {
        events.push({ ...wire(change), base: ahead ? slot[0].base + ahead : change.base });
        change.sent = true;
      });
    }
    if (events.length) api.beacon("api/events", { events: events.slice(0, BATCH) });
  }

  /** Throws everything away that waits, here and in the outbox: at sign-out, on the person's word. */
  function forget() {
    slots.clear();
    refused.clear();
    outbox.clear();
    settle_waiters();
    show();
  }

  function on(event, fn) {
    listeners.set(event, [...(listeners.get(event) ?? []), fn]);
    return () => listeners.set(event, listeners.get(event).filter((one) => one !== fn));
  }

  return {
    put,
    flush,
    hold,
    release,
    /** Runs a step that is made of several entries: "Saved" is said again once all of it is. @param {() => Promise<void>} step */
    whole: async (step) => {
      deciding += 1;
      show();
      try {
        await step();
      } finally {
        deciding -= 1;
        show();
      }
    },
    /** What was acknowledged since a moment: an answer that was on its way then may not know it. */
    stored_since: (review, moment) => lately.filter((one) => one.at >= moment && one.change.review === review).map((one) => one.change),
    /** Tells what is on this page alone by the service's own rule, in words; "" for nothing. @param {string} words */
    set_aside: (words) => {
      aside = words;
      show();
    },
    drop: discard,
    forget,
    adopt,
    complete,
    beat,
    idle,
    when_saved,
    last_words,
    on,
    known: (review, subject, revision) => {
      const key = place(review, subject);
      known.set(key, Math.max(revision, known.get(key) ?? 0));
    },
    revision: (review, subject) => known.get(place(review, subject)) ?? 0,
    unsaved: (review) => counted().filter((change) => !review || change.review === review),
    waiting: () => all(),
    refusal: (id) => refused.get(id) ?? null,
    is_stored: (id) => stored.has(id),
    close: () => {
      closed = true;
      clearTimeout(timer);
      listeners.clear();
    },
    get state() {
      return state();
    },
    get words() {
      return words();
    },
    get locked() {
      return locked();
    },
    get missed() {
      return missed;
    },
    get failure() {
      return failed;
    },
    get incomplete() {
      return all().filter(incomplete);
    },
  };
}

function wire({ id, kind, review, subject, base, data, undoes }) {
  return { id, kind, review, subject, base, data, ...(undoes ? { undoes } : {}) };
}
