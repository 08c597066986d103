// One review as this page knows it: what the server said, with what was changed here since laid over it. It draws nothing and sends nothing.

export const CODES = { not_applicable: "Not applicable", not_accessible: "Record not accessible" };
export const TAKEN_BACK = "Taken back by the rater."; // why an action ends that undo takes away

/** @param {any} payload the answer of api/review */
export function create_model(payload) {
  const criteria = payload.rubrics.flatMap((rubric) => rubric.criteria.map((criterion) => ({ ...criterion, rubric })));
  const by_ref = new Map(criteria.map((one) => [one.ref, one]));
  const state = {};
  const actions = new Map();
  const policy = payload.policy;

  const of = (ref) => state.criteria[ref];

  /** Takes what the server says now in place of what was known. */
  function renew(said) {
    Object.assign(payload, said);
    Object.assign(state, structuredClone(said.state));
    actions.clear();
    for (const one of state.actions) actions.set(one.action, one);
  }

  renew(payload);

  /** What an event does to the state. @param {{kind: string, subject: string, data: any}} event */
  function apply({ kind, subject, data }) {
    const one = of(data.criterion ?? subject.split(":")[1]);
    if (kind === "rated") Object.assign(one, { level: data.level ?? null, code: data.code ?? null, reason: data.reason ?? null });
    else if (kind === "commented") one.comment = data.text;
    else if (kind === "safety_answered") one.safety = { ...data };
    else if (kind === "evidence_pointed") point(one, data);
    else if (kind === "evidence_withdrawn") withdraw(data.pointer);
    else if (kind === "action_raised") actions.set(data.action, { ...data, state: "open" });
    else if (kind === "action_closed" && actions.has(data.action)) actions.set(data.action, { ...actions.get(data.action), state: "closed" });
    else if (kind === "deviation_recorded") state.deviations[data.by] = data.text.trim() ? { ...data } : null;
    else if (kind === "parked") state.parked = { ...data };
    else if (kind === "referred") state.referred = data.reason.trim() ? { ...data } : null;
    else if (kind === "pasted_into_record") state.paste = { ...data };
  }

  function point(one, data) {
    one.evidence = [...one.evidence.filter((pointer) => pointer.pointer !== data.pointer), { ...data }];
    one.evidence.sort((left, right) => left.note_date.localeCompare(right.note_date) || (left.start ?? 0) - (right.start ?? 0));
  }

  function withdraw(pointer) {
    for (const one of Object.values(state.criteria)) {
      one.evidence = one.evidence.filter((candidate) => candidate.pointer !== pointer);
    }
  }

  /** The event that takes an event back, from what stands before it; null when nothing can. */
  function inverse({ kind, subject, data }) {
    const one = of(data.criterion ?? subject.split(":")[1]);
    if (kind === "rated") return { kind, subject, data: { ...data, level: one.level, code: one.code, reason: one.reason } };
    if (kind === "commented") return { kind, subject, data: { ...data, text: one.comment } };
    if (kind === "safety_answered") return one.safety ? { kind, subject, data: safety_data(data.criterion, one.safety) } : null;
    if (kind === "evidence_pointed") return { kind: "evidence_withdrawn", subject, data: { pointer: data.pointer } };
    if (kind === "evidence_withdrawn") return pointed_again(subject, data.pointer);
    if (kind === "action_raised") return { kind: "action_closed", subject, data: { action: data.action, outcome: "not_needed", text: TAKEN_BACK } };
    if (kind === "deviation_recorded") {
      const before = state.deviations[data.by];
      return { kind, subject, data: { by: data.by, guideline: before?.guideline ?? "", text: before?.text ?? "" } };
    }
    if (kind === "parked") return { kind, subject, data: { parked: Boolean(state.parked?.parked), reason: state.parked?.reason ?? "" } };
    if (kind === "referred") return { kind, subject, data: { reason: state.referred?.reason ?? "" } };
    return null;
  }

  function pointed_again(subject, pointer) {
    for (const [ref, one] of Object.entries(state.criteria)) {
      const found = one.evidence.find((candidate) => candidate.pointer === pointer);
      if (found) return { kind: "evidence_pointed", subject, data: pointer_data(ref, found) };
    }
    return null;
  }

  const is_scored = (ref) => of(ref).level !== null || of(ref).code !== null;

  /** What a criterion still needs for a signature, in the words of the screen: rows of `kind` and `words`. */
  function owed(ref) {
    const one = of(ref);
    if (!is_scored(ref)) return [{ kind: "level", words: "not scored" }];
    if (one.level === null) return [];
    const found = [];
    if (one.level >= policy.evidence_from_level && one.evidence.length === 0) found.push({ kind: "evidence", words: "needs evidence" });
    if (one.level <= policy.comment_to_level && policy.text_kept && !one.comment.trim()) found.push({ kind: "comment", words: "needs a comment" });
    return found;
  }

  const is_gap = (ref) => of(ref).level !== null && of(ref).level <= policy.gap_to_level;

  /** Whether it is to be asked if someone needs to act today: level 0 on a critical criterion, and no answer yet. */
  const asks_safety = (ref) => Boolean(by_ref.get(ref).critical && of(ref).level === 0 && !of(ref).safety);

  function open_actions(ref) {
    return [...actions.values()].filter((one) => one.state !== "closed" && (!ref || refs_of(one).includes(ref)));
  }

  const kinds_at = (ref) => policy.gap_actions[ref] ?? policy.gap_actions[ref.split("/")[0]] ?? [];

  /** The actions that a gap at this criterion raises and that are not raised yet, as kinds: each is raised once in a case. */
  function gap_kinds(ref) {
    if (!is_gap(ref)) return [];
    const raised = new Set(open_actions(ref).map((one) => one.action_kind));
    return kinds_at(ref).filter((kind) => !raised.has(kind));
  }

  /** The gaps for which the actions of the gap at this criterion are raised: itself, and those of the same kinds. */
  function same_gaps(ref) {
    const kinds = kinds_at(ref).join();
    return criteria.map((one) => one.ref).filter((other) => other === ref || (kinds && is_gap(other) && kinds_at(other).join() === kinds));
  }

  /** The criteria that an action is for: the one that it names, and what it mends at the same time. */
  function refs_of({ criterion, action_kind }) {
    if (!by_ref.has(criterion)) return [];
    return kinds_at(criterion).includes(action_kind) ? same_gaps(criterion) : [criterion];
  }

  function answer_words(ref) {
    const { level, code, reason } = of(ref);
    if (level !== null) return `Level ${level}`;
    if (!code) return "Not scored";
    const label = payload.choices[code].find((one) => one.code === reason)?.label ?? reason;
    return `${CODES[code]}: ${label}`;
  }

  /** The data of a rating event. */
  function rating(ref, { level = null, code = null, reason = null }) {
    const { rubric } = by_ref.get(ref);
    return { criterion: ref, rubric_version: rubric.version, rubric_digest: rubric.digest, level, code, reason };
  }

  return {
    payload, criteria, by_ref, state, policy, of, renew, apply, inverse, owed, is_scored, is_gap, asks_safety, open_actions, gap_kinds,
    same_gaps, refs_of, answer_words, rating,
    /** What is worth a second look before signing, and never blocks. */
    reminders: () => criteria.flatMap(({ ref, number, title }) => [
      ...(asks_safety(ref) ? [`Criterion ${number}, ${title}: level 0 on a critical criterion. Does anyone need to act today?`] : []),
      ...(is_gap(ref) && open_actions(ref).length === 0 ? [`Criterion ${number}, ${title}: a gap without an action${gap_kinds(ref).length ? "; what it raises is drafted beneath the criteria" : ""}.`] : []),
    ]),
    all_scored: () => criteria.every((one) => is_scored(one.ref)),
    actions: () => [...actions.values()],
    evidence: () => criteria.flatMap((one) => of(one.ref).evidence.map((pointer) => ({ ...pointer, number: one.number }))),
    name: (ref) => (by_ref.has(ref) ? `Criterion ${by_ref.get(ref).number}, ${by_ref.get(ref).title}` : "This case"),
    signature: () => state.signatures.findLast((one) => one.role !== "supervisee" && !one.void) ?? null,
  };
}

function safety_data(criterion, { answer, note }) {
  return { criterion, answer, note: note ?? "" };
}

/** The data of an evidence event, from a pointer as the state holds it. */
export function pointer_data(criterion, { pointer, note_date, note_kind, note, start, end, quote }) {
  return { pointer, criterion, note_date, note_kind, note: note ?? "", start: start ?? null, end: end ?? null, quote: quote ?? "" };
}
