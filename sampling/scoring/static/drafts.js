// Words that were typed into a form and not sent yet. They are no events, so the outbox does not hold them; they survive a reload all
// the same. The rules are the outbox's: one entry a form, keyed by person, 24 hours, emptied at sign-out, off on shared computers.
//
// With the words stands what a Save handed over, until its form hears the answer: a page that was reloaded meanwhile asks for the same event
// again instead of making another one.

const PREFIX = "sampling-draft|";
const KEPT_MILLISECONDS = 24 * 60 * 60 * 1000;

function store() {
  try {
    return window.localStorage;
  } catch {
    return null; // a browser that keeps nothing: the form asks before it is left
  }
}

/** Removes what is older than a day; everything when `all`. */
export function clear_drafts(all = false) {
  const kept = store();
  if (!kept) return;
  for (const key of Object.keys(kept).filter((name) => name.startsWith(PREFIX))) {
    const written = read(kept, key)?.written;
    if (all || !(Date.now() - written < KEPT_MILLISECONDS)) kept.removeItem(key);
  }
}

function read(kept, key) {
  try {
    return JSON.parse(kept.getItem(key));
  } catch {
    return null;
  }
}

/**
 * Ends what the server has acknowledged: a draft that says what was stored is none any more; one that was changed since stays, as a change.
 * `heard` is event id -> the revision that it got.
 */
export function settle_drafts(context, heard) {
  const kept = store();
  for (const key of Object.keys(kept ?? {}).filter((name) => name.startsWith(`${PREFIX}${context.me.person.key}|`))) {
    const { values, sent, ...rest } = read(kept, key) ?? {};
    if (!sent || !heard.has(sent.event.id)) continue;
    if (JSON.stringify(values) === JSON.stringify(sent.values)) kept.removeItem(key);
    else kept.setItem(key, JSON.stringify({ ...rest, values, sent: null, revision: heard.get(sent.event.id), subject: sent.event.subject }));
  }
}

/** Tells whether something was typed into a form and not sent. */
export function has_draft(context, form) {
  return draft(context, form).values !== null;
}

/**
 * Returns the draft of one form of one person: {values, id, sent, revision, keep(values), sending(event, values), answered(values, revision),
 * drop(), kept}. `values` is null when there is none. `id` is made once, for what the form is to note: the same after a reload. `sent` is
 * {event, values} of what was handed over and not answered yet, or null; `revision` that of what was stored and changed here since, or 0; `subject` what it is of.
 */
export function draft(context, form) {
  const kept = context.me.settings.outbox === false ? null : store();
  const key = `${PREFIX}${context.me.person.key}|${form}`;
  clear_drafts();
  const before = kept ? read(kept, key) : null;
  const [id, values] = [before?.id ?? context.new_id(), before?.values ?? null];
  let [sent, revision, subject] = [before?.sent ?? null, before?.revision ?? 0, before?.subject ?? ""];
  const keep = (given) => {
    if (!kept) return;
    const words = Object.values(given).some((value) => typeof value === "string" && value.trim() !== "");
    try {
      if (words || sent || revision) kept.setItem(key, JSON.stringify({ written: Date.now(), values: given, id, sent, revision, subject }));
      else kept.removeItem(key);
    } catch {
      // the store is full: the form still asks before it is left
    }
  };
  return {
    kept: kept !== null,
    values,
    id,
    get sent() {
      return sent;
    },
    keep,
    sending(event, given) {
      sent = { event, values: given };
      keep(given);
    },
    get revision() {
      return revision;
    },
    get subject() {
      return subject;
    },
    answered(given, stored = 0, of = subject) {
      sent = null;
      revision = of === subject ? Math.max(revision, stored) : stored;
      subject = of;
      keep(given);
    },
    drop() {
      kept?.removeItem(key);
    },
  };
}
