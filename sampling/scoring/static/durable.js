// A store for unsent changes that is on the disk within milliseconds.
//
// localStorage answers at once and survives a reload, but a browser brings it to the disk now and then only: Chromium after five seconds,
// and then about once a minute. A killed browser or a flat battery would take the last words with it, and bring back what had long been
// replaced. So each item also goes into IndexedDB with durability "strict". Both bear the time of their last change: after a reload
// localStorage is the newer one, after a crash IndexedDB is.

const DATABASE = "sampling.outbox";
const ITEMS = "items";
const STAMP = "sampling.stamp";

/**
 * Returns a store like the one given, whose items with this prefix are kept safe. Where the browser has no IndexedDB it is the one given.
 * @param {Storage | null} storage @param {string} prefix
 */
export async function durable_storage(storage, prefix) {
  if (storage === null) return null;
  try {
    const database = await open();
    await bring_into_step(storage, database, prefix);
    return mirrored(storage, database, prefix);
  } catch {
    return storage; // a private window, or one whose disk is full: unsent changes survive a reload, and no crash
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(ITEMS);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => reject(asked.error);
  });
}

/** Reads both, and lets the one that was changed last overwrite the other. */
async function bring_into_step(storage, database, prefix) {
  const kept = await items_of(database);
  const stamp = kept.get(STAMP) ?? 0;
  kept.delete(STAMP);
  if (stamp > Number(storage.getItem(STAMP) ?? 0)) {
    for (const name of names(storage, prefix)) if (!kept.has(name)) storage.removeItem(name);
    for (const [name, value] of kept) storage.setItem(name, value);
    return;
  }
  const here = new Map(names(storage, prefix).map((name) => [name, storage.getItem(name)]));
  for (const name of kept.keys()) if (!here.has(name)) here.set(name, null);
  await write(database, here, Number(storage.getItem(STAMP) ?? 0));
}

function items_of(database) {
  return new Promise((resolve, reject) => {
    const found = new Map();
    const walk = database.transaction(ITEMS).objectStore(ITEMS).openCursor();
    walk.onerror = () => reject(walk.error);
    walk.onsuccess = () => {
      if (walk.result === null) return resolve(found);
      found.set(walk.result.key, walk.result.value);
      walk.result.continue();
    };
  });
}

/** Resolves when these items are on the disk; null takes one away. @param {IDBDatabase} database @param {Map<string, string | null>} items */
function write(database, items, stamp) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(ITEMS, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(ITEMS);
    for (const [name, value] of items) {
      if (value === null) store.delete(name);
      else store.put(value, name);
    }
    store.put(stamp, STAMP);
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    transaction.commit();
  });
}

function mirrored(storage, database, prefix) {
  const waiting = new Map();
  let writing = false;
  let stamp = 0;

  function note(name, value) {
    if (!name.startsWith(prefix)) return;
    stamp = Math.max(stamp + 1, Date.now());
    waiting.set(name, value);
    if (names(storage, prefix).length) storage.setItem(STAMP, String(stamp));
    else storage.removeItem(STAMP); // an empty browser is left empty; IndexedDB, which has the time, is empty too
    if (!writing) flush();
  }

  async function flush() {
    writing = true;
    while (waiting.size) {
      const items = new Map(waiting);
      waiting.clear();
      await write(database, items, stamp).catch(() => {}); // then localStorage alone has it
    }
    writing = false;
  }

  return {
    get length() {
      return storage.length;
    },
    key: (place) => storage.key(place),
    getItem: (name) => storage.getItem(name),
    setItem(name, value) {
      storage.setItem(name, value);
      note(name, value);
    },
    removeItem(name) {
      storage.removeItem(name);
      note(name, null);
    },
  };
}

function names(storage, prefix) {
  return Array.from({ length: storage.length }, (_, place) => storage.key(place)).filter((name) => name?.startsWith(prefix));
}
