// Those who wait until something is saved: a signature, a screen that is left, a choice between two values.

const PATIENCE = 2000; // milliseconds

/** @param {{changes: any, stored: Map<string, any>, flush: () => void}} about `stored`: id -> receipt; `flush` sends what waits now */
export function create_waits({ changes, stored, flush }) {
  const { counted, refused } = changes;
  const waiters = [];

  /** Resolves with the receipt of a change, or once everything is saved; rejects with what the server refused. @param {string} [id] */
  function when_saved(id) {
    const receipt = id ? stored.get(id) : undefined;
    if (receipt || (!id && counted().length === 0)) return Promise.resolve(receipt);
    if (id && refused.has(id)) return Promise.reject(refused.get(id));
    flush();
    return new Promise((resolve, reject) => waiters.push({ id, resolve, reject }));
  }

  /** Lets everyone go whose wait is over. */
  function settle() {
    for (const waiter of waiters.splice(0)) {
      const gone = waiter.id && !changes.find(waiter.id);
      if (waiter.id && refused.has(waiter.id)) waiter.reject(refused.get(waiter.id));
      else if (waiter.id ? stored.has(waiter.id) || gone : counted().length === 0) waiter.resolve(stored.get(waiter.id));
      else if (!waiter.id && refused.size) waiter.reject([...refused.values()][0]);
      else waiters.push(waiter);
    }
  }

  /** Waits a moment for what is on its way; tells whether all is saved. */
  async function idle(patience = PATIENCE) {
    const waited = new Promise((resolve) => setTimeout(resolve, patience));
    await Promise.race([when_saved().catch(() => null), waited]);
    return counted().length === 0;
  }

  return { when_saved, settle, idle };
}
