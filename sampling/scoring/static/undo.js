// Taking back and doing again. Nothing is erased: each is an event of its own that supersedes (docs/decisions/0009-journal.md).

const STEPS = 200;

/**
 * @typedef {{label: string, ref: string, changes: Array<{before: any, after: any, id: string}>}} Step
 *   `before` and `after` are events (kind, subject, data); `id` is the event that stands last for it
 */

/** @param {(event: any, undoes: string) => string} put hands an event to the save loop and returns its id */
export function create_undo(put) {
  const done = [];
  const undone = [];

  function run(from, to, side) {
    const step = from.pop();
    if (!step) return null;
    const changes = side === "before" ? step.changes.toReversed() : step.changes;
    for (const change of changes) change.id = put(change[side], change.id);
    to.push(step);
    return step;
  }

  return {
    /** @param {Step} step */
    push(step) {
      done.push(step);
      if (done.length > STEPS) done.shift();
      undone.length = 0;
    },
    undo: () => run(done, undone, "before"),
    redo: () => run(undone, done, "after"),
    clear() {
      done.length = 0;
      undone.length = 0;
    },
  };
}
