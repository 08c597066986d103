// The one way from this page to the journal, and the word "Saved".
//
// "Saved" appears only after the entry that holds exactly what is on the screen was committed and its id acknowledged. Everything else
// is visibly unsaved, and survives a reload where this browser may keep it (docs/decisions/0011-no-word-is-lost.md).

import { ApiError } from "./api.js";
import { create_changes, wire } from "./changes.js";
import { create_waits } from "./save_waits.js";
import { LATE, state_of, words_of } from "./save_words.js";

const AGAIN = 1500; // milliseconds to wait after a failure
const BATCH = 100;

/**
 * @param {{api: any, outbox: any, open_pages?: Set<string>}} about `open_pages` are other windows, whose changes are theirs to send
 */
export function create_save({ api, outbox, open_pages = new Set() }) {
  const changes = create_changes(outbox);
  const { all, counted, refused } = changes;
  const stored = new Map(); // id -> receipt
  const lately = []; // {change, at}: what was acknowledged while this page is open
  const listeners = new Map();
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
  let deciding = 0;
  let aside = "";

  const waits = create_waits({ changes, stored, flush });
  const standing = () => ({ changes, outbox, failed, last_saved, deciding, aside });
  const is_locked = () => Boolean(outbox.why) && (failed !== null || missed > 0);

  function emit(event, ...values) {
    for (const fn of (listeners.get(event) ?? []).slice()) {
      try {
        fn(...values);
      } catch (error) {
        reportError(error); // a screen that fails must not stop the saving
      }
    }
  }

  function on(event, fn) {
    listeners.set(event, [...(listeners.get(event) ?? []), fn]);
    return () => listeners.set(event, listeners.get(event).filter((one) => one !== fn));
  }

  function show() {
    const about = { lost: missed > 1, open: counted().length };
    const [state, words] = [state_of(standing()), words_of(standing())];
    const now = `${state}|${words}|${about.lost}`;
    if (now !== said) {
      said = now;
      emit("state", state, words, about);
    }
    if (is_locked() !== was_locked) {
      was_locked = is_locked();
      emit("locked", was_locked);
    }
    if (state === "saving") setTimeout(show, LATE + 50);
  }

  // Taking changes in

  /** Takes a change: into the outbox before any network. Returns its id. `soon` false: text, of which more is to be expected at once. */
  function put(given) {
    const change = changes.add(given);
    if (refused.size === 0) alone = false;
    if (!change) waits.settle();
    show();
    if (change) wake(change.due);
    return change?.id ?? given.undoes;
  }

  /** Sends what waits now, without waiting for quiet: a field was left, or someone wants to sign. */
  function flush() {
    for (const change of all()) change.due = Math.min(change.due, Date.now());
    wake(Date.now());
  }

  /** Takes a change out of the way, on the person's word where it is one of theirs. */
  function drop(id) {
    changes.discard(id);
    if (refused.size === 0) alone = false;
    waits.settle();
    show();
  }

  /** Sends what was held, as one more value beside the one that stands. Resolves when it is stored. */
  async function release(review, subject) {
    changes.let_go(review, subject);
    const last = changes.last_of(review, subject);
    if (last) await waits.when_saved(last.id);
    changes.let_go(review, subject);
  }

  function adopt() {
    changes.adopt(open_pages);
    show();
    wake(Date.now());
  }

  /** Fills in what the outbox may not keep. @param {string} id @param {Object<string, any>} data */
  function complete(id, data) {
    const change = changes.find(id);
    if (!change) return;
    change.data = { ...change.data, ...data };
    wake(Date.now());
  }

  // Sending

  function wake(moment) {
    if (closed || timer_at <= moment) return;
    clearTimeout(timer);
    timer_at = moment;
    timer = setTimeout(send, Math.max(0, moment - Date.now()));
  }

  function next_batch() {
    const now = Date.now();
    const due = changes.ready().filter((one) => one.sent || one.due <= now).sort((one, other) => one.sequence - other.sequence);
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
      accept(batch, await deliver({ events: batch.map(wire) }));
      failed = null;
      missed = 0;
    } catch (error) {
      if (!(error instanceof ApiError)) reportError(error);
      judge(batch, error instanceof ApiError ? error : new ApiError("This page failed. Reload it safely.", { status: 500 }));
    } finally {
      clearTimeout(patience);
      busy = false;
      schedule();
      show();
    }
  }

  function schedule() {
    const waiting = changes.ready();
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
      if (receipt) settle(change, receipt); // what is not acknowledged by its id is not saved
    }
    emit("answer", answer);
  }

  function settle(change, receipt) {
    changes.settle(change, receipt);
    stored.set(change.id, receipt);
    lately.push({ change, at: performance.now() });
    if (receipt.at) last_saved = receipt.at;
    emit("receipt", receipt, change);
    if (receipt.status === "conflict") emit("conflict", receipt, change);
    waits.settle();
  }

  /**
   * Sends events. A refusal that may be of them alone or of the whole page is asked about: who is known and is refused again is refused
   * these events (`of_these`). Once is not enough: a second window may have signed in between the refusal and the question.
   */
  async function deliver(events) {
    try {
      return await api.post("api/events", events);
    } catch (error) {
      if (!is_unclear(error) || !(await api.get("api/me").then(() => true).catch(() => false))) throw error;
    }
    try {
      return await api.post("api/events", events);
    } catch (error) {
      if (is_unclear(error)) error.of_these = true;
      throw error;
    }
  }

  const is_unclear = (error) => error instanceof ApiError && !error.page && (error.status === 403 || error.status === 404);

  /** What passes by itself is tried again; anything else is the fault of one change, which is then found and named. */
  function judge(batch, error) {
    if (error.passing && !error.of_these) failed = error;
    else turn_down(batch, error);
  }

  function turn_down(batch, error) {
    failed = null;
    if (batch.length > 1) {
      alone = true;
      return;
    }
    if (batch[0].subject === "time") return drop(batch[0].id); // nobody's words: a refusal of it is nothing to show
    refused.set(batch[0].id, error);
    emit("refused", batch[0], error);
    waits.settle();
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

  /** Hands everything to the browser to deliver, while the page is being closed. The same id twice is one entry. */
  function last_words() {
    const events = changes.last_events();
    if (events.length) api.beacon("api/events", { events: events.slice(0, BATCH) });
  }

  return {
    put,
    flush,
    release,
    drop,
    adopt,
    complete,
    beat,
    idle: waits.idle,
    when_saved: waits.when_saved,
    last_words,
    on,
    /** Nothing more of this subject is sent until `release`: two values stand, and a person has to choose. */
    hold: (review, subject) => {
      changes.hold(review, subject);
      show();
    },
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
    /** Throws everything away that waits, here and in the outbox: at sign-out, on the person's word. */
    forget: () => {
      changes.clear();
      waits.settle();
      show();
    },
    known: changes.know,
    revision: changes.revision,
    unsaved: (review) => counted().filter((change) => !review || change.review === review),
    waiting: () => all(),
    refusal: (id) => refused.get(id) ?? null,
    close: () => {
      closed = true;
      clearTimeout(timer);
      listeners.clear();
    },
    get state() {
      return state_of(standing());
    },
    get words() {
      return words_of(standing());
    },
    get locked() {
      return is_locked();
    },
    get failure() {
      return failed;
    },
    get incomplete() {
      return changes.incomplete();
    },
  };
}
