// The one send loop. "Saved" appears only after the entry that holds exactly what is on screen was committed and its id acknowledged.

import { ApiError } from "./api.js";
import { plural, time_words } from "./dom.js";
import { create_outbox } from "./outbox.js";

const QUIET = 300; // ms without a key before text is sent
const AGAIN = 1500; // ms between tries while something is unacknowledged
const SLOW = 3000; // ms after which "Saving…" is no longer said of a request that has not come back
const ALARM = 5000; // ms unsaved after which it is said once aloud
const BATCH = 100; // events in one request

export function new_id() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function create_save({ api, me }) {
  const outbox = create_outbox({ rater: me.person.key.slice(0, 16), allowed: me.settings.outbox });
  const listeners = new Map();
  const revisions = new Map(); // review|subject -> the revision that this page knows
  const waiting = new Map(); // event id -> {resolve, reject}
  const refused = new Map(); // event id -> ApiError
  let in_flight = new Set();
  let asking = false;
  let timer = null;
  let since = 0; // when the oldest unsaved change was made
  let alarmed = false;
  let last_saved = "";
  let last_error = "";
  let missed = 0;
  let state = "saved";
  let locked = false;
  let stopped = false;
  let started_at = 0;

  const place = (review, subject) => review + "|" + subject;
  const emit = (event, ...values) => (listeners.get(event) || []).forEach((listener) => listener(...values));
  const pending = () => outbox.all().filter((entry) => !refused.has(entry.id));

  function words() {
    const open = outbox.all().length;
    if (refused.size) {
      const first = refused.values().next().value;
      return `Not saved. ${plural(refused.size, "change was", "changes were")} refused: ${first.message}`;
    }
    if (open === 0) return last_saved ? `Saved ${time_words(last_saved)}` : "No changes yet";
    if (state === "saving") return "Saving…";
    const where = outbox.kept ? "kept on this computer" : "on this page only, so keep it open";
    return `Not saved. ${plural(open, "change is", "changes are")} ${where}. Trying again.${last_error ? " " + last_error : ""}`;
  }

  function tell() {
    const open = outbox.all().length;
    const now = performance.now();
    const lost = missed >= 2;
    const fresh = state === "saved" || state === "saving";
    if (refused.size) state = "unsaved";
    else if (open === 0) state = lost ? "unsaved" : "saved";
    else if (last_error || lost || (asking && now - started_at > SLOW)) state = "unsaved";
    else if (fresh || !last_error) state = "saving";
    if (open === 0) {
      since = 0;
      alarmed = false;
    }
    const said = lost && open === 0 ? "Not connected. Nothing is unsaved; new changes will wait." : words();
    emit("state", state, said, { lost, open });
    if (open && since && now - since > ALARM && !alarmed && state === "unsaved") {
      alarmed = true;
      emit("alarm", said);
    }
    const lock = !outbox.kept && (lost || Boolean(last_error));
    if (lock !== locked) {
      locked = lock;
      emit("locked", locked);
    }
  }

  function put({ kind, review, subject, base, data, undoes = "", private_fields = [], soon = true }) {
    const same = pending().filter((entry) => entry.review === review && entry.subject === subject);
    const idle = same.find((entry) => !in_flight.has(entry.id) && entry.kind === kind && kind !== "action_raised");
    const known = revisions.get(place(review, subject)) ?? 0;
    const entry = { id: new_id(), kind, review, subject, data, undoes, private_fields };
    entry.base = base ?? (idle ? idle.base : known + same.length);
    for (const [id] of refused) {
      const old = outbox.all().find((one) => one.id === id);
      if (old && old.review === review && old.subject === subject) drop(id); // a newer value takes the place of the refused one
    }
    if (idle) outbox.replace(idle.id, entry);
    else outbox.add(entry);
    if (idle && waiting.has(idle.id)) {
      waiting.set(entry.id, waiting.get(idle.id));
      waiting.delete(idle.id);
    }
    since = since || performance.now();
    tell();
    schedule(soon ? 0 : QUIET);
    return entry.id;
  }

  function drop(id) {
    refused.delete(id);
    outbox.remove(id);
  }

  function schedule(delay) {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(send, delay);
  }

  async function send() {
    if (asking || stopped) return;
    const batch = [];
    const subjects = new Set();
    for (const entry of pending()) {
      const where = place(entry.review, entry.subject);
      if (!subjects.has(where) && batch.length < BATCH) batch.push(entry);
      subjects.add(where); // a second value of one field waits for the first one's answer
    }
    if (batch.length === 0) return tell();
    asking = true;
    started_at = performance.now();
    in_flight = new Set(batch.map((entry) => entry.id));
    tell();
    try {
      const answer = await api.post("api/events", { events: batch.map(sent) });
      last_error = "";
      missed = 0;
      for (const receipt of answer.receipts) acknowledge(receipt, batch.find((entry) => entry.id === receipt.id));
      emit("answer", answer);
    } catch (error) {
      failed(error, batch);
    } finally {
      asking = false;
      in_flight = new Set();
    }
    tell();
    if (pending().length) schedule(last_error ? AGAIN : 0);
  }

  function sent({ id, kind, review, subject, base, data, undoes }) {
    return undoes ? { id, kind, review, subject, base, data, undoes } : { id, kind, review, subject, base, data };
  }

  function acknowledge(receipt, entry) {
    if (!entry) return;
    const where = place(entry.review, entry.subject);
    revisions.set(where, Math.max(receipt.revision, revisions.get(where) ?? 0));
    last_saved = receipt.at || last_saved;
    outbox.remove(entry.id);
    waiting.get(entry.id)?.resolve(receipt);
    waiting.delete(entry.id);
    emit(receipt.status === "conflict" ? "conflict" : "receipt", receipt, entry);
  }

  function failed(error, batch) {
    const known = error instanceof ApiError ? error : new ApiError("The page failed.", { offline: true });
    if (known.status === 400 || known.status === 413) {
      // one bad event must not hold up the others: tried one by one, the bad one is named
      if (batch.length > 1) return one_by_one(batch);
      refused.set(batch[0].id, known.findings.length ? new ApiError(known.findings[0].text, { status: known.status, findings: known.findings }) : known);
      waiting.get(batch[0].id)?.reject(refused.get(batch[0].id));
      waiting.delete(batch[0].id);
      emit("refused", batch[0], refused.get(batch[0].id));
      return;
    }
    last_error = known.status === 403 || known.status === 404 || known.status === 409 ? known.message : known.offline && known.status ? known.message : "";
    if (!last_error) last_error = known.message;
  }

  let singly = [];
  function one_by_one(batch) {
    singly = batch.map((entry) => entry.id);
    (async () => {
      for (const id of singly) {
        const entry = pending().find((one) => one.id === id);
        if (!entry) continue;
        try {
          const answer = await api.post("api/events", { events: [sent(entry)] });
          for (const receipt of answer.receipts) acknowledge(receipt, entry);
          emit("answer", answer);
        } catch (error) {
          failed(error, [entry]);
        }
      }
      tell();
    })();
  }

  async function beat() {
    try {
      await api.get("api/heartbeat");
      missed = 0;
      if (last_error && pending().length) schedule(0);
    } catch (error) {
      if (error.status === 0 || error.status >= 500) missed += 1;
      else missed = 0;
    }
    tell();
  }

  const pulse = setInterval(beat, me.settings.heartbeat_seconds * 1000);
  const look = setInterval(tell, 1000);
  const leaving = (event) => {
    if (outbox.all().length) event.preventDefault();
  };
  const gone = () => {
    const left = pending().filter((entry) => !in_flight.has(entry.id));
    if (left.length && left.length <= BATCH) api.beacon("api/events", { events: left.map(sent) });
  };
  window.addEventListener("beforeunload", leaving);
  window.addEventListener("pagehide", gone);
  window.addEventListener("online", beat);
  if (outbox.all().length) {
    since = performance.now();
    schedule(0);
  }

  return {
    put,
    new_id,
    known: (review, subject, revision) => revisions.set(place(review, subject), revision),
    revision: (review, subject) => revisions.get(place(review, subject)) ?? 0,
    unsaved: (review) => outbox.all().filter((entry) => !review || entry.review === review),
    flush: () => schedule(0),
    get state() {
      return state;
    },
    get words() {
      return words();
    },
    get locked() {
      return locked;
    },
    get kept() {
      return outbox.kept;
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) || []), listener]);
      return () => listeners.set(event, listeners.get(event).filter((one) => one !== listener));
    },
    when_saved(id) {
      if (id === undefined) {
        if (outbox.all().length === 0) return Promise.resolve();
        return new Promise((resolve) => {
          const off = this.on("state", (now) => {
            if (now === "saved" && outbox.all().length === 0) {
              off();
              resolve();
            }
          });
        });
      }
      if (!outbox.all().some((entry) => entry.id === id)) return Promise.resolve();
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    async idle(limit = 2000) {
      schedule(0);
      await Promise.race([this.when_saved(), new Promise((resolve) => setTimeout(resolve, limit))]);
    },
    forget() {
      outbox.clear();
      refused.clear();
    },
    dispose() {
      stopped = true;
      clearInterval(pulse);
      clearInterval(look);
      clearTimeout(timer);
      window.removeEventListener("beforeunload", leaving);
      window.removeEventListener("pagehide", gone);
      window.removeEventListener("online", beat);
    },
  };
}
