// Words that were typed into a form and not sent yet. They are no events, so the outbox does not hold them; they survive a reload all
// the same. The rules are the outbox's: one entry a form, keyed by person, 24 hours, emptied at sign-out, off on shared computers.

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

/** Tells whether something was typed into a form and not sent. */
export function has_draft(context, form) {
  return draft(context, form).values !== null;
}

/** Returns the draft of one form of one person: {values, keep(values), drop(), kept}. `values` is null when there is none. */
export function draft(context, form) {
  const kept = context.me.settings.outbox === false ? null : store();
  const key = `${PREFIX}${context.me.person.key}|${form}`;
  clear_drafts();
  return {
    kept: kept !== null,
    values: kept ? read(kept, key)?.values ?? null : null,
    keep(values) {
      if (!kept) return;
      const words = Object.values(values).some((value) => typeof value === "string" && value.trim() !== "");
      try {
        if (words) kept.setItem(key, JSON.stringify({ written: Date.now(), values }));
        else kept.removeItem(key);
      } catch {
        // the store is full: the form still asks before it is left
      }
    },
    drop() {
      kept?.removeItem(key);
    },
  };
}
