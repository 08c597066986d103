// What waits for the person's own decision: two values of one subject, and changes that the server refused.

import { ask_review } from "./review_load.js";
import { conflict_part, refusal_part } from "./stand.js";

/**
 * @param {{context: any, model: any, purpose: string, refresh: () => Promise<void>, open: (ref: string) => void}} about `refresh` reads
 *   the review again; `open` opens the criterion of what was decided
 */
export function create_undecided({ context, model, purpose, refresh, open }) {
  const { save } = context;
  const { review } = model.payload;
  let choosing = false;

  const turned_down = () => save.waiting().filter((change) => change.review === review && save.refusal(change.id));
  const ref_of = (subject, data) => [data?.criterion, subject.slice(subject.indexOf(":") + 1)].find((one) => model.by_ref.has(one)) ?? "";

  /** Conflicts and refusals of one criterion, or of the whole case. */
  function parts(ref) {
    const conflicts = conflicts_now().filter((one) => ref_of(one.subject, one.other.data) === ref);
    return [
      conflicts.map((one) => conflict_part(one, { words: value_words, title: model.name(ref), choose: (mine) => save.whole(() => choose(one.subject, mine)) })),
      turned_down().filter((change) => ref_of(change.subject, change.data) === ref).map((change) => refusal_part(save.refusal(change.id), () => take_back(change))),
    ];
  }

  /** One conflict a subject: the value that stands, and the latest beside it, with what was typed here since. */
  function conflicts_now() {
    const latest = new Map(model.state.conflicts.map((one) => [one.subject, one]));
    return [...latest.values()].map((one) => {
      const typed = save.waiting().findLast((change) => change.review === review && change.subject === one.subject);
      return typed ? { ...one, other: { ...one.other, data: typed.data } } : one;
    });
  }

  function value_words(data) {
    if (!data) return "nothing";
    if ("rubric_digest" in data) return data.level !== null ? `Level ${data.level}` : data.code ? data.code.replace("_", " ") : "Not scored";
    return String(data.text ?? data.answer ?? data.reason ?? data.quote ?? data.reference ?? "").trim() || "empty";
  }

  /**
   * A person says which of two values stands; `mine` is the later one. What was typed meanwhile is stored beside them first, so that
   * nothing is lost by the choice.
   */
  async function choose(subject, mine) {
    choosing = true;
    try {
      await save.release(review, subject);
      const { state } = await ask_review(context, review, purpose);
      const found = state.conflicts.filter((one) => one.subject === subject);
      const values = [found[0]?.standing, ...found.map((one) => one.other)].filter((one) => one?.id);
      const chosen = mine ? values.at(-1) : values[0];
      for (const loser of values.filter((one) => one !== chosen)) {
        save.known(review, subject, found[0].revision);
        const data = { chosen: chosen.id, instead_of: loser.id };
        await save.when_saved(save.put({ kind: "conflict_resolved", review, subject, data }));
      }
      context.announce("Noted which one stands. Both are kept.");
    } catch (error) {
      if (error.status === undefined) throw error;
      context.alert(error.message);
    } finally {
      choosing = false;
    }
    await refresh();
    open(ref_of(subject, null));
  }

  async function take_back(change) {
    save.drop(change.id);
    await refresh();
    open(ref_of(change.subject, change.data));
  }

  return {
    parts,
    ref_of,
    /** What there is to decide, as one value that changes with it. */
    said: () => [conflicts_now(), turned_down().map((change) => change.id)],
    get choosing() {
      return choosing;
    },
  };
}
