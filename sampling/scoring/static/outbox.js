// What is not acknowledged yet, kept in this browser so that a reload loses nothing. Never case text: `private_fields` stay in memory.

const PREFIX = "sampling-outbox:";
const EXPIRES = 24 * 3600 * 1000; // scoring-ui 4.2: a day

export function create_outbox({ rater, allowed }) {
  const name = PREFIX + rater;
  let storage = null;
  if (allowed) {
    try {
      window.localStorage.setItem(PREFIX + "probe", "1");
      window.localStorage.removeItem(PREFIX + "probe");
      storage = window.localStorage;
    } catch {
      storage = null;
    }
  }

  let entries = read();
  let full = false;

  function read() {
    if (!storage) return [];
    try {
      const kept = JSON.parse(storage.getItem(name) || "[]");
      return kept.filter((entry) => Date.now() - entry.kept_at < EXPIRES);
    } catch {
      return [];
    }
  }

  function write() {
    if (!storage) return;
    try {
      if (entries.length === 0) storage.removeItem(name);
      else {
        storage.setItem(
          name,
          JSON.stringify(
            entries.map((entry) => {
              const data = { ...entry.data };
              for (const hidden of entry.private_fields || []) data[hidden] = "";
              return { ...entry, data };
            }),
          ),
        );
      }
      full = false;
    } catch {
      full = true; // the storage is full: the change is still in memory, and the page says so
    }
  }

  write();

  return {
    get kept() {
      return storage !== null && !full;
    },
    all: () => entries.slice(),
    add(entry) {
      entries.push({ ...entry, kept_at: Date.now() });
      write();
    },
    replace(old_id, entry) {
      const place = entries.findIndex((one) => one.id === old_id);
      entries[place] = { ...entry, kept_at: Date.now() };
      write();
    },
    remove(id) {
      entries = entries.filter((entry) => entry.id !== id);
      write();
    },
    clear() {
      entries = [];
      write();
    },
  };
}
