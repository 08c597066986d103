// The parts of the scoring page that stand around the criteria: the heading, each rubric's section, and the row of buttons at the foot.

import { button, date_words, h, notice } from "./dom.js";

/** The heading of the case, with what may be known of it while it is scored. */
export function case_head(payload, where) {
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
export async function number_of(context, review) {
  try {
    const queue = await context.api.get("api/queue");
    const row = queue.reviews.find((one) => one.review === review);
    return row ? `Case ${row.number} of ${row.of} · ` : "";
  } catch {
    return "";
  }
}

/** One rubric with its criteria. */
export function rubric_section(rubric, { parts, skip, hidden, model }) {
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

/** The row of buttons beneath the case. */
export function create_foot({ context, desk, waiting, sign, model }) {
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
