// What belongs to the whole case: the supervisor's entry on deviations from guidelines, parking, referral, and the text for the case system.

import { button, clear, date_words, field, h, notice, plural, set_children, text } from "./dom.js";
import { line_length, text_field } from "./texts.js";

/** Deviations from guidelines: practitioner and manager each write their own. `aside` holds words that stay on the page (paste.js). */
export function create_deviation(model, { context, aside }) {
  const { save } = context;
  const { review } = model.payload;
  const guideline = field({ label: "Which guideline was departed from", control: h("input", { type: "text", maxlength: line_length(context, ["deviation_recorded", "guideline"]), autocomplete: "off" }) });
  const words = text_field(context, ["deviation_recorded", "text"], { label: "What was done instead, and why", about: "Deviation from guidelines", words: aside });
  const theirs = h("p", null);
  const half = h("p", { class: "sf-hint", role: "status" });
  const summary = h("summary", null, "Deviation from guidelines");
  const element = h("details", { class: "sf-section" }, summary, theirs, guideline.element, words.element, half);

  function changed() {
    const data = { by: "manager", guideline: guideline.control.value.trim(), text: words.value.trim() };
    const one = Boolean(data.guideline) !== Boolean(data.text);
    text(half, one ? "Not saved yet: give both the guideline and what was done instead." : "");
    if (one) return;
    const event = { kind: "deviation_recorded", subject: "deviation:manager", data };
    model.apply(event);
    save.put({ ...event, review, soon: false });
  }

  for (const one of [guideline, words]) {
    one.element.addEventListener("input", changed);
    one.control.addEventListener("blur", () => save.flush());
  }

  function draw({ off }) {
    const { practitioner, manager } = model.state.deviations;
    text(theirs, practitioner ? `The practitioner's own entry: ${practitioner.guideline}. ${practitioner.text}` : "The practitioner has written no entry of their own.");
    guideline.control.readOnly = off;
    words.lock(off);
    const stands = (one) => !half.textContent && !one.element.contains(document.activeElement);
    if (stands(guideline)) guideline.control.value = manager?.guideline ?? "";
    if (stands(words) && words.value !== (manager?.text ?? "")) words.value = manager?.text ?? "";
    if ((manager || practitioner) && !element.dataset.shown) {
      element.dataset.shown = "yes";
      element.open = true;
    }
  }

  return { element, draw, half_filled: () => Boolean(half.textContent) };
}

/** Parking and referral: what is said above the criteria, and what the two buttons do. */
export function create_waiting(model, { context, desk, draw, is_off }) {
  const element = h("div", { class: "sf-waiting" });

  function put(kind, subject, data) {
    desk.put({ kind, subject, data });
    draw();
  }

  async function park() {
    if (is_off()) return;
    if (model.state.parked?.parked) {
      put("parked", "parked", { parked: false, reason: "" });
      return context.announce("The case is taken up again.");
    }
    const reason = text_field(context, ["parked", "reason"], { label: "Why it waits (you need not say)", line: true });
    const body = h("div", { class: "sf-stack" }, h("p", null, "What you have scored stays, and the case stays in your list."), reason.element);
    const buttons = [{ label: "Park this case", value: true, primary: true }, { label: "Cancel", value: false }];
    if (!(await context.dialog({ title: "Park this case?", body, buttons }))) return;
    put("parked", "parked", { parked: true, reason: reason.control.value.trim() });
    await context.go("queue");
  }

  async function refer() {
    if (is_off()) return;
    if (model.state.referred) {
      const take_back = await context.confirm({ title: "Take the referral back?", text: "The moderator is then no longer asked to look at this case.", yes: "Take it back", no: "Leave it" });
      if (take_back) put("referred", "referred", { reason: "" });
      return;
    }
    const reason = text_field(context, ["referred", "reason"], { label: "What should the moderator look at?", rows: 3 });
    const check = () => {
      reason.error(reason.control.value.trim() ? "" : "Say what the moderator should look at.");
      if (!reason.control.value.trim()) reason.control.focus();
      return Boolean(reason.control.value.trim());
    };
    const buttons = [{ label: "Refer to the moderator", value: true, primary: true, check }, { label: "Cancel", value: false }];
    const body = h("div", { class: "sf-stack" }, reason.element);
    if (!(await context.dialog({ title: "Refer to the moderator", body, buttons, on_open: () => reason.control.focus() }))) return;
    put("referred", "referred", { reason: reason.control.value.trim() });
    context.announce("The moderator is asked to look at this case.");
  }

  function show(off) {
    const { parked, referred } = model.state;
    const said = JSON.stringify([off, parked?.parked, parked?.reason, referred?.reason]);
    if (element.dataset.said === said) return;
    element.dataset.said = said;
    clear(element);
    if (parked?.parked) {
      const again = off ? null : button("Take it up again", { kind: "small", run: park });
      element.append(notice("info", h("p", null, h("strong", null, "Parked. "), parked.reason ?? ""), again));
    }
    if (referred) element.append(notice("info", h("p", null, h("strong", null, "Referred to the moderator. "), referred.reason)));
  }

  return { element, park, refer, draw: ({ off }) => show(off) };
}

/** The review as plain text; `more` are lines that stand on the page alone. @param {any} model @param {string[]} more */
export function paste_text(model, more) {
  const { payload } = model;
  const lines = [`${payload.case_label}, ${payload.stage_label}`, `Scored from the record drawn on ${date_words(payload.drawn_on)}`, ""];
  for (const rubric of payload.rubrics) {
    lines.push(`${rubric.title}, version ${rubric.version}`);
    for (const { ref, number, title, levels } of rubric.criteria) {
      const one = model.of(ref);
      lines.push(`${number}. ${title}: ${model.answer_words(ref)}${one.level === null ? "" : `. ${levels[one.level]}`}`);
      if (one.comment.trim()) lines.push(`   Comment: ${one.comment.trim()}`);
      if (one.evidence.length) lines.push(`   Evidence: ${one.evidence.map((pointer) => `${date_words(pointer.note_date)}, ${pointer.note_kind}`).join("; ")}`);
    }
    lines.push("");
  }
  const actions = model.open_actions();
  if (actions.length) lines.push("Actions", ...actions.map((one) => `- ${one.text} Owner: ${one.owner}. Due ${date_words(one.due)}, review ${date_words(one.review_date)}.`), "");
  lines.push(...more);
  return lines.join("\n").trim();
}

/** Asks for the reason why a whole rubric does not apply; returns its code or null. */
export async function ask_rubric_reason(context, model, rubric) {
  const open = rubric.criteria.filter((one) => !model.is_scored(one.ref)).length;
  const list = h("div", { class: "sf-stack" });
  let chosen = null;
  const rows = model.payload.choices.not_applicable.map((reason) =>
    button(reason.label, { key: reason.key, run: () => ((chosen = reason.code), list.closest("dialog").close()) }),
  );
  set_children(list, h("p", null, rubric.applies_when), h("p", null, `${plural(open, "criterion", "criteria")} of this rubric ${open === 1 ? "is" : "are"} not scored yet. For one reason all of them become "not applicable":`), rows);
  list.addEventListener("keydown", (event) => {
    const place = model.payload.choices.not_applicable.findIndex((reason) => reason.key === event.key);
    if (place >= 0) rows[place].click();
  });
  await context.dialog({
    title: `${rubric.title} does not apply?`,
    body: list,
    buttons: [{ label: "Cancel", value: false }],
    on_open: () => rows[0].focus(),
  });
  return chosen;
}
