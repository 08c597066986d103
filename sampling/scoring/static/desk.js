// What a rater does with one review: rate, comment, point, raise, take back, move on. Each is an event at once, drawn before it is sent.

import { ask_actions, linked_actions, proposals } from "./actions.js";
import { new_id, day_after } from "./dom.js";
import { pointer_data } from "./model.js";
import { ask_pointer, selected_pointer } from "./pointers.js";
import { create_undo } from "./undo.js";

/**
 * @param {{context: any, model: any, panel: any, parts: Map<string, any>, after: any, draw: () => void, is_off: () => boolean,
 *   reveal: (ref: string) => void}} about `after` is the line about the last answer; `reveal` scrolls to a criterion and focuses it
 */
export function create_desk({ context, model, panel, parts, after, draw, is_off, reveal }) {
  const { review } = model.payload;
  const refs = model.criteria.map((one) => one.ref);
  const undo = create_undo(put);
  let active = refs.find((ref) => !model.is_scored(ref)) ?? refs[0];
  let back_to = ""; // where Esc returns, after a jump to what the last answer owes
  let stays = ""; // the criterion that keeps the rater until it has its evidence or comment, or Esc
  let typing = null; // the comment that is being typed, with what stood there before
  let started = 0; // when the first answer was given on this page

  function put(event, undoes = "") {
    model.apply(event);
    return context.save.put({ ...event, review, undoes, private_fields: event.kind === "evidence_pointed" ? ["quote"] : undefined });
  }

  /** Makes one or more changes as one step. */
  function write(events, ref) {
    const changes = events.map((after_event) => {
      const before = model.inverse(after_event);
      return { before, after: after_event, id: put(after_event) };
    });
    if (changes.every((change) => change.before)) undo.push({ label: model.name(ref), ref, changes });
    draw();
  }

  // Moving

  function open(ref) {
    parts.get(active)?.forget_pending();
    active = ref;
    back_to = "";
    stays = "";
    draw();
    reveal(ref);
  }

  /** Opens a criterion at the person's own wish: what the last answer owes is then no longer in the way. */
  function go_to(ref) {
    after.ref = "";
    open(ref);
  }

  function step(by) {
    const place = refs.indexOf(active) + by;
    if (place < 0 || place >= refs.length) return context.announce(by < 0 ? "This is the first criterion." : "This is the last criterion.");
    go_to(refs[place]);
  }

  function onward(ref) {
    const place = refs.indexOf(ref);
    const next = [...refs.slice(place + 1), ...refs.slice(0, place)].find((one) => !model.is_scored(one));
    const owed = model.owed(ref).map((one) => one.words).join(" and ");
    context.announce(`Criterion ${place + 1}: ${model.answer_words(ref)}${owed ? `, ${owed}` : ""}.${next ? "" : " All criteria are scored."}`);
    open(next ?? ref);
  }

  // Rating

  function rate(ref, answer, { onward: go_on }) {
    if (is_off()) return draw();
    started ||= performance.now();
    const part = parts.get(ref);
    part.forget_pending();
    const now = model.of(ref);
    const wanted = { level: answer.level ?? null, code: answer.code ?? null, reason: answer.reason ?? null };
    const same = now.level === wanted.level && now.code === wanted.code && now.reason === wanted.reason;
    after.ref = ref;
    if (same) draw();
    else write([{ kind: "rated", subject: `rating:${ref}`, data: model.rating(ref, wanted) }], ref);
    if (go_on && model.is_scored(ref)) onward_or_stay(ref);
  }

  /**
   * Goes on, unless the level needs evidence or a comment: then the focus goes there, and Esc goes on (the design of the scoring screen).
   * Whoever scores levels first and adds the rest later can choose, with the keys, to go on all the same: one key a criterion.
   */
  function onward_or_stay(ref) {
    const owed = model.owed(ref);
    if (owed.length === 0 || context.keys.go_on) return onward(ref);
    open(ref);
    stays = ref;
    const part = parts.get(ref);
    if (owed[0].kind === "evidence") part.focus_evidence();
    else part.write_comment();
    context.announce(`Criterion ${refs.indexOf(ref) + 1}: ${model.answer_words(ref)}, ${owed.map((one) => one.words).join(" and ")}. Esc goes on.`);
  }

  /** A whole rubric that does not apply: one reason for all its criteria that are not scored yet, and one step to take back. */
  function rate_rubric(rubric, reason) {
    const open_refs = model.criteria.filter((one) => one.rubric.id === rubric && !model.is_scored(one.ref)).map((one) => one.ref);
    const events = open_refs.map((ref) => ({ kind: "rated", subject: `rating:${ref}`, data: model.rating(ref, { code: "not_applicable", reason }) }));
    if (is_off() || events.length === 0) return;
    started ||= performance.now();
    write(events, open_refs[0]);
    after.ref = "";
    onward(open_refs.at(-1));
  }

  /** `note` says to whom it was handed over, and when; "" for the other answers. */
  function answer_safety(ref, answer, note) {
    if (is_off()) return draw();
    write([{ kind: "safety_answered", subject: `safety:${ref}`, data: { criterion: ref, answer, note } }], ref);
  }

  // Evidence

  async function add_evidence(ref = after.wants("evidence") ? after.ref : active) {
    if (is_off()) return;
    const found = selected_pointer(panel.note);
    if (found?.why) return context.alert(found.why);
    const number = model.by_ref.get(ref).number;
    const place = found?.pointer ?? (await ask_pointer({ context, model, title: `Evidence for criterion ${number}, ${model.by_ref.get(ref).title}` }));
    if (!place || is_off()) return;
    const pointer = new_id();
    const quote = model.policy.text_kept ? place.quote : "";
    write([{ kind: "evidence_pointed", subject: `evidence:${pointer}`, data: pointer_data(ref, { ...place, pointer, quote }) }], ref);
    document.getSelection()?.removeAllRanges();
    context.announce(`Evidence added to criterion ${number}.${found?.cut ? " The first 200 characters are quoted." : ""}`);
    if (stays === ref && model.owed(ref).length === 0) onward(ref);
  }

  function remove_evidence({ pointer }) {
    const ref = refs.find((one) => model.of(one).evidence.some((candidate) => candidate.pointer === pointer));
    if (is_off() || !ref) return;
    write([{ kind: "evidence_withdrawn", subject: `evidence:${pointer}`, data: { pointer } }], ref);
    context.announce("Taken away. Undo brings it back.");
  }

  // Comments

  function comment_event(ref, words) {
    return { kind: "commented", subject: `comment:${ref}`, data: { criterion: ref, text: words } };
  }

  function comment_begun(ref) {
    if (typing?.ref !== ref) typing = { ref, before: model.of(ref).comment, id: "" };
  }

  function comment(ref, words) {
    if (is_off()) return draw();
    comment_begun(ref);
    const event = comment_event(ref, words);
    // Where no words of a case are kept, a comment lives in this page alone.
    if (model.policy.text_kept) {
      model.apply(event);
      typing.id = context.save.put({ ...event, review, soon: false });
    } else model.apply(event);
    draw();
  }

  function comment_left(ref) {
    context.save.flush();
    if (typing?.ref !== ref) return;
    const { before, id } = typing;
    typing = null;
    const words = model.of(ref).comment;
    if (before === words || !id) return;
    undo.push({ label: model.name(ref), ref, changes: [{ before: comment_event(ref, before), after: comment_event(ref, words), id }] });
  }

  function write_comment() {
    if (is_off()) return;
    const [from, stayed] = [active, stays];
    const ref = after.wants("comment") ? after.ref : active;
    open(ref);
    back_to = from === ref ? "" : from;
    stays = stayed === ref ? ref : "";
    const part = parts.get(ref);
    if (!part.phrases.open()) part.write_comment();
  }

  /** Esc: out of the reasons, out of a field, and back to where one came from. */
  function leave() {
    parts.get(active).forget_pending();
    if (stays === active) onward(active);
    else open(back_to || active);
  }

  // Actions

  async function add_actions(ref, given, title) {
    if (is_off()) return;
    const raised = await ask_actions({ context, model, ref, given, title });
    if (!raised?.length || is_off()) return;
    write_actions(ref, raised);
  }

  function write_actions(ref, raised) {
    write(raised.map((data) => ({ kind: "action_raised", subject: `action:${data.action}`, data: { ...data, practitioner: null } })), ref || active);
    context.announce(raised.length > 1 ? `${raised.length} linked actions are raised.` : "The action is raised.");
  }

  function raise(ref = after.wants("action") ? after.ref : active) {
    const given = proposals(model, ref);
    const what = model.is_gap(ref) ? "Actions for the gap at" : "Action for";
    return add_actions(ref, given, `${what} criterion ${model.by_ref.get(ref).number}, ${model.by_ref.get(ref).title}`);
  }

  /** Raises what a gap has drafted, as it stands; where nobody is known who could own it, the person is asked. @param {string} ref */
  function confirm_drafts(ref) {
    if (is_off()) return;
    const given = proposals(model, ref);
    if (given.some((one) => !one.owner)) return raise(ref);
    write_actions(ref, linked_actions(given, ref));
  }

  function raise_today(ref) {
    const due = day_after(model.payload.today, model.policy.safety_due_days);
    const [first] = proposals(model, ref);
    return add_actions(ref, [{ ...first, action_kind: "other", text: "", due, review_date: due }], "What has to happen today");
  }

  const raise_for_case = () => add_actions("", proposals(model, ""), "Action for the whole case");

  // Taking back

  function travel(step, words, nothing) {
    if (!step) return context.announce(nothing);
    after.ref = "";
    open(step.ref);
    context.announce(`${words}: ${step.label}, ${model.answer_words(step.ref)}.`);
  }

  return {
    rate, rate_rubric, answer_safety, add_evidence, remove_evidence, comment, comment_begun, comment_left, write_comment, leave,
    raise, confirm_drafts, raise_today, raise_for_case, step, open: go_to, put,
    undo: () => !is_off() && travel(undo.undo(), "Taken back", "There is nothing to take back that was written since this page was opened. Write it anew to change it."),
    redo: () => !is_off() && travel(undo.redo(), "Done again", "There is nothing to do again."),
    forget_steps: () => undo.clear(),
    started: () => started,
    get active() {
      return active;
    },
  };
}
