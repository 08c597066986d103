// The scoring screen: the record on one side, the criteria on the other. One root that stays; its contents change and the focus moves on
// purpose. Totals, other raters, earlier levels and a clock are not here: they would steer the rating.

import { create_after } from "./after.js";
import { create_action_list } from "./actions.js";
import { ApiError } from "./api.js";
import { ask_rubric_reason, create_deviation, create_paste, create_waiting } from "./case_parts.js";
import { create_criterion } from "./criterion.js";
import { create_desk } from "./desk.js";
import { button, date_words, focus_heading, h, notice, set_children, text } from "./dom.js";
import { create_model } from "./model.js";
import { create_panel } from "./panel.js";
import { quote_of } from "./pointers.js";
import { create_safety } from "./safety.js";
import { score_keys } from "./score_keys.js";
import { create_sign_off, signed_notice } from "./sign_off.js";
import { conflict_part, refusal_part } from "./stand.js";
import { create_strip } from "./strip.js";
import { is_in_view, reveal_in } from "./view.js";
import { watch_time } from "./working_time.js";

const FRESH = 60_000; // milliseconds for which a case that was asked for ahead is good
let ahead = null; // the next case, asked for while the signature is read: {review, at, answer}

function ask(context, review, purpose) {
  return context.api.get(`api/review/${review}`, { query: { purpose } });
}

function fetch_ahead(context, review, purpose) {
  if (!review) return;
  const answer = ask(context, review, purpose);
  answer.catch(() => {}); // asked again when it is opened
  ahead = { review, purpose, at: performance.now(), answer };
}

async function fetch_review(context, review, purpose) {
  const ready = ahead && ahead.review === review && ahead.purpose === purpose && performance.now() - ahead.at < FRESH ? ahead : null;
  ahead = null;
  const asked_at = ready?.at ?? performance.now();
  return { payload: (await ready?.answer.catch(() => null)) ?? (await ask(context, review, purpose)), asked_at };
}

/** Tells the save loop which revisions the page has seen, and lays over what it has not sent yet. */
function overlay(context, model, asked_at) {
  const { review, state, panel } = model.payload;
  const beside = new Set(state.conflicts.map((one) => one.other.id)); // what was written here stays on the screen until someone chooses
  const mine = context.save.stored_since(review, 0).filter((change) => beside.has(change.id));
  for (const { subject } of state.conflicts) context.save.hold(review, subject);
  for (const [subject, revision] of Object.entries(state.revisions)) context.save.known(review, subject, revision);
  const waiting = [...mine, ...context.save.stored_since(review, asked_at), ...context.save.waiting().filter((change) => change.review === review)];
  for (const change of waiting.sort((one, other) => one.sequence - other.sequence)) {
    const { data } = change;
    const note = change.private_fields && !("quote" in data) ? panel.notes.find((one) => one.key === data.note) : null;
    model.apply(note && data.start !== null ? { ...change, data: { ...data, quote: quote_of(note.text, data.start, data.end) } } : change);
  }
}

/** @param {HTMLElement} root @param {any} context @param {{review: string, purpose?: string}} params */
export async function show(root, context, params) {
  const purpose = params.purpose || context.purpose();
  const { payload, asked_at } = await fetch_review(context, params.review, purpose);
  if (payload.rubrics.length === 0) throw new ApiError("No published rubric applies to this service's cases. Whoever keeps the rubrics can say why.", { status: 404 });
  const model = create_model(payload);
  overlay(context, model, asked_at);
  const screen = create_screen(root, context, { model, purpose });
  set_children(root, screen.element);
  screen.draw();
  focus_heading(root);
  screen.begin();
  return { dispose: screen.dispose, before_leave: screen.before_leave };
}

function create_screen(root, context, { model, purpose }) {
  const { save, keys } = context;
  const { payload } = model;
  const disposers = [];
  let unlocked = false;
  let committed = { content: payload.content, missing: payload.missing };
  let notices_said = "";
  let choosing = false;

  const is_off = () => payload.read_only || save.locked || (model.signature() !== null && !unlocked);
  const panel = create_panel(payload.panel);
  const after = create_after(model, keys, { evidence: () => desk.add_evidence(), comment: () => desk.write_comment(), action: () => desk.raise() });
  const parts = new Map();
  const scroller = h("div", { class: "sf-scroller" });
  const reveal = (ref) => {
    const part = parts.get(ref);
    reveal_in(scroller, part.element);
    part.focus();
  };
  const desk = create_desk({ context, model, panel, parts, after, draw, is_off, reveal });
  const acts = {
    ...desk,
    add_action: (ref) => desk.raise(ref),
    show_evidence: (pointer) => panel.show(pointer) || context.announce("That note is not in the record shown here."),
  };
  for (const one of model.criteria) parts.set(one.ref, create_criterion(one, model, acts, { context, count: model.criteria.length }));
  const safety = create_safety(model, { context, answer: desk.answer_safety, raise: desk.raise_today });
  const waiting = create_waiting(model, { context, desk, draw, is_off });
  const list = create_action_list(model, { add: desk.raise_for_case });
  const deviation = create_deviation(model, desk, save);
  const paste = model.policy.text_kept ? null : create_paste(model, { context, desk, draw });
  const strip = create_strip(model, desk.open);
  const time = watch_time(root, { save, review: payload.review, counts: payload.as === "rater" && !payload.read_only });
  const sign_off = create_sign_off({
    context,
    model: () => model,
    committed: () => committed,
    prefetch: () => fetch_ahead(context, payload.next, purpose),
    open: desk.open,
    before: () => time.put(),
    signed: after_signing,
    stale: refresh,
    started: desk.started,
  });
  const notices = h("div", { class: "sf-notices" });
  panel.element.append(safety.element); // beside the criteria: a note must not push the anchors out of view

  // Drawing

  function draw() {
    const off = is_off();
    for (const [ref, part] of parts) part.draw({ active: ref === desk.active, off });
    for (const one of [after, safety, waiting, list, deviation, paste]) one?.draw({ off, active: desk.active });
    save.set_aside(paste?.at_risk() ? "The comments are on this page alone: put them into the case system." : "");
    strip.draw(desk.active);
    panel.mark(model.evidence());
    draw_notices();
    foot.draw(off);
    for (const one of sections) one.draw(off);
  }

  function draw_notices() {
    const said = JSON.stringify([model.state.signatures, unlocked, payload.read_only, payload.read_only_why, conflicts_now(), refused()]);
    if (said === notices_said) return;
    notices_said = said;
    const may_change = model.signature() && !payload.read_only && !unlocked;
    const record = h("a", { class: "sf-button small", href: context.api.link(`api/record/${payload.review}.html`, { purpose }), target: "_blank", rel: "noopener" }, "Record of this case");
    set_children(notices, signed_notice(model, { change: may_change ? change_signed : null, record }), standing_parts(""));
    for (const [ref, part] of parts) set_children(part.extra, standing_parts(ref));
  }

  const refused = () => save.waiting().filter((change) => change.review === payload.review && save.refusal(change.id)).map((change) => change.id);
  const ref_of = (subject, data) => [data?.criterion, subject.slice(subject.indexOf(":") + 1)].find((one) => model.by_ref.has(one)) ?? "";

  /** Conflicts and refusals of one criterion, or of the whole case. */
  function standing_parts(ref) {
    const conflicts = conflicts_now().filter((one) => ref_of(one.subject, one.other.data) === ref);
    const turned_down = save.waiting().filter((change) => change.review === payload.review && save.refusal(change.id) && ref_of(change.subject, change.data) === ref);
    return [
      conflicts.map((one) => conflict_part(one, { words: value_words, title: model.name(ref), choose: (mine) => save.whole(() => choose(one.subject, mine)) })),
      turned_down.map((change) => refusal_part(save.refusal(change.id), () => take_back(change))),
    ];
  }

  /** One conflict a subject: the value that stands, and the latest beside it, with what was typed here since. */
  function conflicts_now() {
    const latest = new Map(model.state.conflicts.map((one) => [one.subject, one]));
    return [...latest.values()].map((one) => {
      const typed = save.waiting().findLast((change) => change.review === payload.review && change.subject === one.subject);
      return typed ? { ...one, other: { ...one.other, data: typed.data } } : one;
    });
  }

  function value_words(data) {
    if (!data) return "nothing";
    if ("rubric_digest" in data) return data.level !== null ? `Level ${data.level}` : data.code ? data.code.replace("_", " ") : "Not scored";
    return String(data.text ?? data.answer ?? data.reason ?? data.quote ?? data.reference ?? "").trim() || "empty";
  }

  // What the journal answers

  /**
   * A person says which of two values stands; `mine` is the later one. What was typed meanwhile is stored beside them first, so that
   * nothing is lost by the choice.
   */
  async function choose(subject, mine) {
    choosing = true;
    try {
      await save.release(payload.review, subject);
      const { state } = await ask(context, payload.review, purpose);
      const found = state.conflicts.filter((one) => one.subject === subject);
      const values = [found[0]?.standing, ...found.map((one) => one.other)].filter((one) => one?.id);
      const chosen = mine ? values.at(-1) : values[0];
      for (const loser of values.filter((one) => one !== chosen)) {
        save.known(payload.review, subject, found[0].revision);
        const data = { chosen: chosen.id, instead_of: loser.id };
        await save.when_saved(save.put({ kind: "conflict_resolved", review: payload.review, subject, data }));
      }
      context.announce("Noted which one stands. Both are kept.");
    } catch (error) {
      if (error.status === undefined) throw error;
      context.alert(error.message);
    } finally {
      choosing = false;
    }
    await refresh();
    desk.open(ref_of(subject, null) || desk.active);
  }

  async function take_back(change) {
    save.drop(change.id);
    await refresh();
    desk.open(ref_of(change.subject, change.data) || desk.active);
  }

  /** Reads the review again and lays over what is not sent yet. */
  async function refresh() {
    try {
      const asked_at = performance.now();
      const said = await ask(context, payload.review, purpose);
      if (said.rubrics.map((one) => one.digest).join() !== payload.rubrics.map((one) => one.digest).join()) return await context.go("score", { review: payload.review, purpose });
      model.renew(said);
      committed = { content: said.content, missing: said.missing };
      overlay(context, model, asked_at);
      draw();
    } catch (error) {
      if (error.status === undefined) throw error;
      context.announce(error.message);
    }
  }

  function answered(answer) {
    const id = payload.review;
    if (answer.content?.[id]) committed = { content: answer.content[id], missing: answer.missing?.[id] ?? committed.missing };
    const lost = answer.voided?.[id] ?? [];
    const standing = model.state.signatures.filter((one) => !one.void && lost.some((gone) => gone.role === one.role));
    for (const one of standing) Object.assign(one, { void: true, void_reason: "What was signed was changed afterwards" });
    if (standing.length) context.alert(lost.map((one) => one.sentence).join(" "));
    draw();
  }

  async function after_signing(answer) {
    desk.forget_steps();
    if (answer.next) await context.go("score", { review: answer.next, purpose });
    else await context.go("queue");
  }

  async function change_signed() {
    const words = "You signed exactly what stands here. A change voids your signature, and says so in the record; what you signed stays readable. You then sign again.";
    if (!(await context.confirm({ title: "Change a signed review?", text: words, yes: "Change it", no: "Leave it as it is" }))) return;
    unlocked = true;
    draw();
    desk.open(desk.active);
  }

  async function skip_rubric(rubric) {
    const reason = await ask_rubric_reason(context, model, rubric);
    if (reason) desk.rate_rubric(rubric.id, reason);
  }

  // The page

  const foot = create_foot({ context, desk, waiting, sign: sign_off.sign, model });
  const sections = payload.rubrics.map((rubric) => rubric_section(rubric, { parts, skip: () => skip_rubric(rubric), hidden: payload.read_only, model }));
  set_children(scroller, waiting.element, sections.map((one) => one.element), list.element, deviation.element, paste?.element);
  const where = h("span", { class: "sf-where" });
  const element = h(
    "div",
    { class: "sf-score" },
    case_head(payload, where),
    notices,
    h(
      "div",
      { class: "sf-desk" },
      panel.element,
      h("section", { class: "sf-criteria", "aria-label": "Criteria" }, after.element, scroller, strip.element),
    ),
    foot.element,
  );
  number_of(context, payload.review).then((words) => text(where, words));

  disposers.push(
    keys.use(score_keys({ desk, model, parts, panel, waiting, sign: sign_off.sign, is_off, context, in_view: (part) => is_in_view(part.levels, scroller) })),
    save.on("answer", answered),
    save.on("locked", draw),
    save.on("refused", (change, error) => {
      if (change.review !== payload.review) return;
      context.alert(`Not saved. ${error.findings[0]?.text ?? error.message}`);
      draw();
    }),
    save.on("conflict", async (receipt, change) => {
      if (change.review !== payload.review || choosing) return;
      await refresh();
      context.alert(`${model.name(ref_of(change.subject, change.data))}: two values were written. Both are kept; say which one stands.`);
    }),
    time.close,
    panel.close,
    guard_unpasted(() => paste?.at_risk()),
  );

  return {
    element,
    draw,
    /** The heading has the focus by now; scoring begins at the first criterion that is open. */
    begin: () => {
      context.announce(`${payload.case_label}, ${payload.stage_label}. ${model.name(desk.active)}.`);
      if (desk.active !== model.criteria[0].ref) return reveal(desk.active);
      parts.get(desk.active).focus();
    },
    before_leave: () => {
      if (paste?.at_risk()) return "The comments on this page are kept nowhere else. Copy them into the case system first.";
      if (deviation.half_filled()) return "The deviation from guidelines is only half filled in, and is not saved.";
      return "";
    },
    dispose: () => {
      disposers.forEach((end) => end());
      save.set_aside("");
    },
  };
}

function guard_unpasted(at_risk) {
  const guard = (event) => at_risk() && event.preventDefault();
  window.addEventListener("beforeunload", guard);
  return () => window.removeEventListener("beforeunload", guard);
}

function case_head(payload, where) {
  const facts = [payload.practitioner_label, payload.stage_label, `drawn ${date_words(payload.drawn_on)}, seed …${payload.seed_tail}`];
  return h(
    "header",
    { class: "sf-case" },
    h("h1", { tabindex: "-1" }, payload.case_label),
    h("p", null, where, facts.filter(Boolean).join(" · ")),
    payload.sealed ? h("p", { class: "sf-hint" }, "Rated twice: sealed until both raters have signed.") : null,
  );
}

/** "Case 4 of 12 · ", once the queue says so: the page does not wait for it. */
async function number_of(context, review) {
  try {
    const queue = await context.api.get("api/queue");
    const row = queue.reviews.find((one) => one.review === review);
    return row ? `Case ${row.number} of ${row.of} · ` : "";
  } catch {
    return "";
  }
}

function rubric_section(rubric, { parts, skip, hidden, model }) {
  const applies = h("details", { class: "sf-applies" }, h("summary", null, "When this rubric applies"), h("p", null, rubric.applies_when));
  const none = hidden ? null : button("Does not apply…", { kind: "quiet small", name: `${rubric.title} does not apply…`, run: skip });
  const element = h(
    "section",
    { class: "sf-rubric" },
    h("h2", null, rubric.title, h("span", { class: "sf-version" }, ` version ${rubric.version}`)),
    h("div", { class: "sf-row sf-rubric-tools" }, applies, none),
    h("ol", { class: "sf-plain sf-criterion-list" }, rubric.criteria.map((one) => parts.get(one.ref).element)),
  );

  /** The button stays while it can do something: a criterion is open, and the case may be changed. */
  function draw(off) {
    if (none) none.hidden = off || rubric.criteria.every((one) => model.is_scored(one.ref));
  }

  return { element, draw };
}

function create_foot({ context, desk, waiting, sign, model }) {
  const { keys } = context;
  const park = button("Park this case", { key: keys.print("score.park"), run: waiting.park });
  const refer = button("Refer to the moderator", { key: keys.print("score.refer"), run: waiting.refer });
  const previous = button("Previous", { key: keys.print("score.previous"), run: () => desk.step(-1) });
  const undo = button("Undo", { key: keys.print("score.undo"), run: desk.undo });
  const off_hint = notice("info", h("p", null, "Nothing can be changed while the server does not answer."));
  const sign_button = button("Sign off and next", { kind: "primary", key: keys.print("score.sign"), run: sign });
  const element = h("footer", { class: "sf-foot" }, previous, undo, park, refer, off_hint, sign_button);

  function draw(off) {
    const read = model.payload.read_only;
    for (const one of [undo, park, refer]) one.hidden = read;
    const seen = model.payload.sign_as === "supervisee";
    sign_button.hidden = seen ? false : read || (off && !context.save.locked);
    sign_button.firstChild.data = seen ? "Sign that you have seen it" : "Sign off and next";
    off_hint.hidden = !context.save.locked;
    for (const one of [undo, park, refer]) one.disabled = off;
    sign_button.disabled = seen ? context.save.locked : off;
    if (park.firstChild.data !== undefined) park.firstChild.data = model.state.parked?.parked ? "Take it up again" : "Park this case";
    if (refer.firstChild.data !== undefined) refer.firstChild.data = model.state.referred ? "Take the referral back" : "Refer to the moderator";
  }

  return { element, draw };
}
