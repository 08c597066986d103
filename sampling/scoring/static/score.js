// The scoring screen: the record on one side, the criteria on the other. One root that stays; its contents change and the focus moves on
// purpose. Totals, other raters, earlier levels and a clock are not here: they would steer the rating.

import { create_after } from "./after.js";
import { create_action_list } from "./actions.js";
import { ApiError } from "./api.js";
import { ask_rubric_reason, create_deviation, create_waiting, paste_text } from "./case_parts.js";
import { create_criterion } from "./criterion.js";
import { create_desk } from "./desk.js";
import { date_words, focus_heading, h, set_children, text } from "./dom.js";
import { create_model } from "./model.js";
import { create_panel } from "./panel.js";
import { create_paste, create_words, guard_unpasted, LEAVE, ON_THIS_PAGE } from "./paste.js";
import { ask_review, fetch_ahead, fetch_review, overlay } from "./review_load.js";
import { create_safety } from "./safety.js";
import { score_keys } from "./score_keys.js";
import { case_head, create_foot, number_of, rubric_section } from "./score_page.js";
import { create_sign_off, is_rescore, signed_notice } from "./sign_off.js";
import { outcome_page } from "./seeded.js";
import { create_strip } from "./strip.js";
import { create_undecided } from "./undecided.js";
import { is_in_view, reveal_in } from "./view.js";
import { watch_time } from "./working_time.js";

/** @param {HTMLElement} root @param {any} context @param {{review: string, purpose?: string}} params */
export async function show(root, context, params) {
  const purpose = params.purpose || context.purpose();
  const { payload, asked_at } = await fetch_review(context, params.review, purpose);
  context.set_purpose(purpose); // after a reload the address alone knows it, and the header must not say another
  if (payload.rubrics.length === 0) throw new ApiError("No published rubric applies to this service's cases. Whoever keeps the rubrics can say why.", { status: 404 });
  if (payload.seeded) {
    const left = context.save.unsaved(params.review); // nobody takes it any more, and it is about nobody
    for (const change of left) context.save.drop(change.id);
    set_children(root, outcome_page(context, payload, left.length));
    focus_heading(root);
    return {};
  }
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
  let ended = false;

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
  const list = create_action_list(model, { add: desk.raise_for_case, confirm: desk.confirm_drafts, change: desk.raise });
  const aside = create_words(() => draw());
  const deviation = create_deviation(model, { context, aside });
  const paste = model.policy.text_kept ? null : paste_of(model, { context, desk, aside, draw });
  const strip = create_strip(model, desk.open);
  const undecided = create_undecided({ context, model, purpose, refresh, open: (ref) => desk.open(ref || desk.active) });
  const time = watch_time(root, { save, review: payload.review, counts: payload.as === "rater" && !payload.read_only });
  const sign_off = create_sign_off({
    context,
    model: () => model,
    committed: () => committed,
    prefetch: () => !is_rescore(payload) && fetch_ahead(context, payload.next, purpose),
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
    save.set_aside(paste?.at_risk() ? ON_THIS_PAGE : "");
    strip.draw(desk.active);
    panel.mark(model.evidence());
    draw_notices();
    foot.draw(off);
    for (const one of sections) one.draw(off);
  }

  function draw_notices() {
    const said = JSON.stringify([model.state.signatures, unlocked, payload.read_only, payload.read_only_why, undecided.said()]);
    if (said === notices_said) return;
    notices_said = said;
    const may_change = model.signature() && !payload.read_only && !unlocked;
    const record = h("a", { class: "sf-button small", href: context.api.link(`api/record/${payload.review}.html`, { purpose }), target: "_blank", rel: "noopener" }, "Record of this case");
    set_children(notices, signed_notice(model, { change: may_change ? change_signed : null, record }), undecided.parts(""));
    for (const [ref, part] of parts) set_children(part.extra, undecided.parts(ref));
  }

  // What the journal answers

  /** Reads the review again and lays over what is not sent yet. */
  async function refresh() {
    try {
      const asked_at = performance.now();
      const said = await ask_review(context, payload.review, purpose);
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
    if (answer.seeded?.includes(id)) return told();
    if (answer.content?.[id]) committed = { content: answer.content[id], missing: answer.missing?.[id] ?? committed.missing };
    const lost = answer.voided?.[id] ?? [];
    const standing = model.state.signatures.filter((one) => !one.void && lost.some((gone) => gone.role === one.role));
    for (const one of standing) Object.assign(one, { void: true, void_reason: "What was signed was changed afterwards" });
    if (standing.length) context.alert(lost.map((one) => one.sentence).join(" "));
    draw();
  }

  async function after_signing(answer) {
    desk.forget_steps();
    if (answer.seeded?.includes(payload.review)) await told();
    else if (is_rescore(payload)) await context.go("compare", { review: payload.review }); // now the first levels may be seen
    else if (answer.next) await context.go("score", { review: answer.next, purpose });
    else await context.go("queue");
  }

  /** The case was a seeded vignette, and its rater is told: the page that says so takes the place of the form. */
  function told() {
    if (ended) return undefined;
    ended = true;
    return context.go("score", { review: payload.review, purpose });
  }

  /** Whether the rater was told in another window that the case was a seeded vignette. */
  function told_elsewhere() {
    return ask_review(context, payload.review, purpose).then((said) => Boolean(said.seeded)).catch(() => false);
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
    save.on("refused", async (change, error) => {
      if (change.review !== payload.review) return;
      if (payload.stage === "second" && (await told_elsewhere())) return told();
      context.alert(`Not saved. ${error.findings[0]?.text ?? error.message}`);
      draw();
    }),
    save.on("conflict", async (receipt, change) => {
      if (change.review !== payload.review || undecided.choosing) return;
      await refresh();
      context.alert(`${model.name(undecided.ref_of(change.subject, change.data))}: two values were written. Both are kept; say which one stands.`);
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
      if (ended) return "";
      if (paste?.at_risk()) return LEAVE;
      if (deviation.half_filled()) return "The deviation from guidelines is only half filled in, and is not saved.";
      return "";
    },
    dispose: () => {
      disposers.forEach((end) => end());
      save.set_aside("");
    },
  };
}

/** The text for the case system: the whole review, with what stands on this page alone. */
function paste_of(model, { context, desk, aside, draw }) {
  const noted = ({ pasted_on, reference }) => `Noted: put into the case system on ${date_words(pasted_on)}, ${reference}.`;
  return create_paste({
    context,
    words: () => paste_text(model, aside.lines()),
    any: () => aside.lines().length > 0 || model.criteria.some((one) => model.of(one.ref).comment.trim()),
    said: () => (model.state.paste ? noted(model.state.paste) : ""),
    pasted: (reference) => {
      desk.put({ kind: "pasted_into_record", subject: "paste", data: { pasted_on: context.today(), reference } });
      draw();
    },
  });
}
