// Changes that the server has not acknowledged yet, kept in this browser so that they survive a reload, a crash and a flat battery.
//
// One item a change, under the rater's and the review's digests. Case text is never kept: a quote stays in the page's memory, and what
// is kept is where it stands (note, start, end), from which the page reads it again out of the note (private_fields, pointers.js).

export const PREFIX = "sampling.outbox.";
const HOURS = 24;
const PROBE = "sampling.probe";

/** The browser's store, or null where it is blocked. Also asked for settings of the keys, which name nobody. */
export function browser_storage() {
  try {
    const storage = window.localStorage;
    storage.setItem(PROBE, "1");
    storage.removeItem(PROBE);
    return storage;
  } catch {
    return null; // blocked, or full to the last byte: both are said in words, and the page then behaves as with the outbox off
  }
}

/**
 * @typedef {Object} Change one event on its way
 * @property {string} id
 * @property {string} kind
 * @property {string} review
 * @property {string} subject
 * @property {number} base the revision that the person saw
 * @property {Object<string, any>} data
 * @property {string} [undoes]
 * @property {number} sequence
 * @property {string[]} [private_fields] fields of `data` that are never kept here
 */

/**
 * @param {{rater: string, allowed: boolean, storage: Storage | null, tab: string, clock?: () => number}} about
 */
export function create_outbox({ rater, allowed, storage, tab, clock = Date.now }) {
  const mine = `${PREFIX}${rater}.`;
  let why = !allowed ? "off" : storage === null ? "blocked" : "";
  if (storage !== null) expire(storage, clock());
  if (!allowed && storage !== null) clear();

  function address(change) {
    return `${mine}${change.review || "none"}.${change.id}`;
  }

  /** Keeps a change; tells whether it could. @param {Change} change */
  function keep(change) {
    if (!allowed || storage === null) return false;
    const data = { ...change.data };
    for (const name of change.private_fields ?? []) delete data[name];
    const { id, kind, review, subject, base, undoes, sequence, private_fields } = change;
    const kept = { id, kind, review, subject, base, data, undoes, sequence, private_fields, tab, at: clock() };
    try {
      storage.setItem(address(change), JSON.stringify(kept));
      why = "";
      return true;
    } catch {
      why = "full";
      return false;
    }
  }

  /** Forgets a change: it was acknowledged, or replaced before it was sent. @param {Change} change */
  function drop(change) {
    try {
      storage?.removeItem(address(change));
    } catch {
      // a store that was blocked meanwhile holds nothing that could be taken away
    }
  }

  /** Returns the rater's changes of pages that are no longer open, in the order in which they were made. @param {Set<string>} open */
  function adopt(open) {
    if (!allowed || storage === null) return [];
    const found = [];
    for (const name of names(storage, mine)) {
      const kept = parse(storage.getItem(name));
      if (kept === null) storage.removeItem(name);
      else if (kept.tab !== tab && !open.has(kept.tab)) found.push({ name, kept });
    }
    found.sort((one, other) => one.kept.at - other.kept.at || one.kept.sequence - other.kept.sequence);
    for (const { name, kept } of found) claim(name, kept);
    return found.map(({ kept }) => kept);
  }

  function claim(name, kept) {
    try {
      storage.setItem(name, JSON.stringify({ ...kept, tab }));
    } catch {
      why = "full"; // it stays there under its old page's name, and is read again at the next load
    }
  }

  /** Forgets everything of this rater: at sign-out. */
  function clear() {
    try {
      if (storage !== null) for (const name of names(storage, mine)) storage.removeItem(name);
    } catch {
      // see drop
    }
  }

  return {
    keep,
    drop,
    adopt,
    clear,
    /** "" while changes can be kept, else "off", "blocked" or "full". */
    get why() {
      return why;
    },
  };
}

function names(storage, prefix) {
  return Array.from({ length: storage.length }, (_, place) => storage.key(place)).filter((name) => name?.startsWith(prefix));
}

function parse(text) {
  try {
    const kept = JSON.parse(text ?? "");
    return kept && typeof kept.id === "string" && typeof kept.kind === "string" && kept.data ? kept : null;
  } catch {
    return null;
  }
}

/** Takes away what is older than a day, of every rater: a shared computer does not become an archive. */
function expire(storage, now) {
  for (const name of names(storage, PREFIX)) {
    const kept = parse(storage.getItem(name));
    if (kept === null || !(now - kept.at < HOURS * 3600 * 1000)) storage.removeItem(name);
  }
}
