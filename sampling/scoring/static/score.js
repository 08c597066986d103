// The scoring screen: the record on one side, the criteria on the other. Everything drawn at once, everything stored by the save loop.

import { button, date_words, day_after, focus_heading, h, notice, plural, select, field, set_children, text, time_words, unique_id } from "./dom.js";
import { create_panel } from "./panel.js";
import { ask_action } from "./raise.js";
import { answer_words, create_criterion } from "./rating.js";

const STEPS = 50; // of undo
const TWICE = 400; // ms in which a second "next" is a slip of the finger
const REFERENCES = "references_only";

export async function show(root, context, params) {
  const { api, save, keys } = context;
  const review = await api.get("api/review/" + params.review, { query: { purpose: params.purpose || context.purpose() } });
  review.copies = context.settings.copies;
  const criteria = review.rubrics.flatMap((rubric) => rubric.criteria.map((one) => ({ ...one, rubric })));
  const by_ref = new Map(criteria.map((one) => [one.ref, one]));
  const state = new Map(criteria.map((one) => [one.ref, structuredClone(review.state.criteria[one.ref])]));
  const disposers = [];
  const done = [];
  const undone = [];
  let active = "";
  let content = review.content;
  let missing = review.missing;
  let read_only = review.read_only;
  let opened_at = performance.now();
  let last_next = 0;
  let confirmed_quick = false;
  let next_review = review.next;
  let closed = false;

  for (const [subject, revision] of Object.entries(review.state.revisions)) save.known(review.review, subject, revision);
  overlay();

  /** What the browser still holds for this review lies over what the server has: the rater sees the last word typed. */
  function overlay() {
    for (const entry of save.unsaved(review.review)) {
      const now = state.get(entry.data.criterion);
      if (!now) continue;
      if (entry.kind === "rated") Object.assign(now, { level: entry.data.level ?? null, code: entry.data.code ?? null, reason: entry.data.reason ?? null });
      if (entry.kind === "commented") now.comment = entry.data.text;
      if (entry.kind === "evidence_pointed") now.evidence.push({ ...entry.data });
    }
  }

  const put = (kind, subject, data, more = {}) => save.put({ kind, review: review.review, subject, data, ...more });

  // --- what a criterion can do -------------------------------------------------------------------------------------------------

  function rated(ref, answer, undoes = "") {
    const one = by_ref.get(ref);
    const data = { criterion: ref, rubric_version: one.rubric.version, rubric_digest: one.rubric.digest, level: answer.level, code: answer.code, reason: answer.reason };
    Object.assign(state.get(ref), answer);
    return put("rated", "rating:" + ref, data, { undoes });
  }

  function remember(step) {
    done.push(step);
    if (done.length > STEPS) done.shift();
    undone.length = 0;
  }

  const act = {
    activate,
    choose(ref, answer, { advance }) {
      if (read_only) return;
      const part = parts.get(ref);
      if (answer.code && !answer.reason) return part.ask_reason(answer.code);
      part.settled();
      part.refuse("");
      const now = state.get(ref);
      const before = { level: now.level, code: now.code, reason: now.reason };
      if (before.level === answer.level && before.code === answer.code && before.reason === answer.reason) {
        if (advance) onward(ref);
        return draw();
      }
      const id = rated(ref, answer);
      remember({ ref, undo: () => rated(ref, before, save.unsaved().some((one) => one.id === id) ? "" : id), redo: () => rated(ref, answer) });
      draw();
      const one = by_ref.get(ref);
      const asks = one.critical && answer.level === 0 && !now.safety;
      if (asks) return ask_safety(ref);
      if (advance) onward(ref);
    },
    comment(ref, words, { soon }) {
      if (read_only) return;
      const now = state.get(ref);
      if (review.copies === REFERENCES) {
        now.comment = words; // in this page's memory only
        return draw_side();
      }
      if (typing?.ref !== ref) typing = { ref, before: now.comment };
      now.comment = words;
      put("commented", "comment:" + ref, { criterion: ref, text: words }, { soon });
      draw_missing();
    },
    comment_left(ref) {
      save.flush();
      if (typing?.ref !== ref) return;
      const { before } = typing;
      const after = state.get(ref).comment;
      typing = null;
      if (before === after) return;
      const write = (words) => {
        state.get(ref).comment = words;
        parts.get(ref).comment.value = words;
        return put("commented", "comment:" + ref, { criterion: ref, text: words });
      };
      remember({ ref, undo: () => write(before), redo: () => write(after) });
      draw();
    },
    point(ref) {
      if (read_only) return;
      const chosen = panel.selected();
      if (chosen) return pointed(ref, { note_date: chosen.note.day, note_kind: panel.shorten(chosen.note.kind), note: chosen.note.key, start: chosen.start, end: chosen.end, quote: review.copies === REFERENCES ? "" : chosen.quote });
      ask_pointer(ref);
    },
    unpoint(ref, pointer) {
      const now = state.get(ref);
      now.evidence = now.evidence.filter((one) => one.pointer !== pointer.pointer);
      put("evidence_withdrawn", "evidence:" + pointer.pointer, { pointer: pointer.pointer });
      const { revision: _, ...data } = pointer;
      remember({ ref, undo: () => pointed(ref, data, { again: true }), redo: () => act.unpoint(ref, pointer) });
      draw();
      parts.get(ref).add_evidence.focus();
    },
    async phrases(ref) {
      const list = review.phrases[ref] || [];
      const comment = parts.get(ref).comment;
      const keep = h("input", { type: "checkbox", id: unique_id("shared") });
      let chosen = null;
      const value = await context.dialog({
        title: "Phrases for this criterion",
        body: h(
          "div",
          { class: "sf-stack" },
          list.length ? null : h("p", {}, "There are no phrases yet."),
          comment.value.trim() ? h("p", {}, keep, " ", h("label", { for: keep.id }, "Offer it to everyone who scores")) : null,
        ),
        buttons: [
          ...list.slice(0, 9).map((one, place) => ({ label: one.text, value: one.text, key: String(place + 1), kind: "quiet" })),
          ...(comment.value.trim() ? [{ label: "Keep my comment as a phrase", value: { keep: true } }] : []),
          { label: "Close", value: null },
        ],
        on_open(dialog) {
          dialog.addEventListener("keydown", (event) => {
            const place = Number(event.key) - 1;
            if (list[place] && !(event.target instanceof HTMLInputElement && event.target.type === "text")) dialog.querySelectorAll(".sf-dialog-buttons button")[place].click();
          });
        },
      });
      chosen = value;
      if (chosen && chosen.keep) {
        const words = panel.shorten(comment.value.trim());
        save.put({ kind: "phrase_kept", review: "", subject: "phrase:" + save.new_id(), data: { criterion: ref, text: words, shared: keep.checked } });
        review.phrases[ref] = [...list, { text: words, shared: keep.checked }];
        return context.announce("The phrase is kept.");
      }
      if (typeof chosen === "string") {
        comment.value = (comment.value ? comment.value.trimEnd() + " " : "") + chosen;
        act.comment(ref, comment.value, { soon: true });
        act.comment_left(ref);
        comment.focus();
      }
    },
    action: (ref) => raise(ref),
  };
  let typing = null;

  function pointed(ref, data, { again = false } = {}) {
    const pointer = again && data.pointer ? data.pointer : save.new_id();
    const one = { ...data, pointer, criterion: ref };
    state.get(ref).evidence.push(one);
    put("evidence_pointed", "evidence:" + pointer, one, { private_fields: ["quote"] });
    if (!again) remember({ ref, undo: () => withdraw(ref, pointer), redo: () => pointed(ref, one, { again: true }) });
    window.getSelection()?.removeAllRanges();
    draw();
    context.announce("The evidence is pointed to.");
    if (!needs(ref).length && state.get(ref).level !== null) onward(ref);
    else parts.get(ref).focus();
  }

  function withdraw(ref, pointer) {
    state.get(ref).evidence = state.get(ref).evidence.filter((one) => one.pointer !== pointer);
    put("evidence_withdrawn", "evidence:" + pointer, { pointer });
  }

  async function ask_pointer(ref) {
    const day = field({ label: "Date of the note", control: h("input", { type: "date" }) });
    const kinds = review.choices.note_kinds;
    const kind = field({ label: "Kind of note", control: h("input", { type: "text", maxlength: "200", list: "sf-note-kinds" }) });
    const ok = await context.dialog({
      title: "Where does the evidence stand?",
      body: h("div", { class: "sf-stack" }, h("p", { class: "sf-hint" }, "Or select words in the record first, and press e."), day.element, kind.element, h("datalist", { id: "sf-note-kinds" }, kinds.map((one) => h("option", { value: one.label })))),
      buttons: [
        {
          label: "Point to it",
          value: true,
          primary: true,
          key: "Ctrl+Enter",
          check() {
            day.error(day.control.value ? "" : "Give the date of the note.");
            kind.error(kind.control.value.trim() ? "" : "Say which kind of note it is.");
            (day.control.value ? kind.control.value.trim() ? null : kind : day)?.control.focus();
            return Boolean(day.control.value && kind.control.value.trim());
          },
        },
        { label: "Not now", value: false },
      ],
      on_open: () => (day.control.focus(), true),
    });
    if (ok) pointed(ref, { note_date: day.control.value, note_kind: kind.control.value.trim(), note: "", start: null, end: null, quote: "" });
  }

  async function ask_safety(ref) {
    const place = parts.get(ref).side;
    const now = state.get(ref);
    const name = unique_id("safety");
    const answers = [
      ["nobody", "No, nobody needs to act today"],
      ["acting_now", "Yes, and it is being done now"],
      ["handed_over", "Yes, and I have handed it over"],
    ];
    const options = answers.map(([code, label]) => {
      const input = h("input", { type: "radio", name, value: code, id: unique_id("answer"), checked: now.safety?.answer === code });
      input.addEventListener("click", (event) => {
        now.safety = { criterion: ref, answer: code, note: "" };
        put("safety_answered", "safety:" + ref, now.safety);
        if (code !== "nobody" && event.detail > 0) raise(ref, { due: day_after(review.today, review.policy.safety_due_days), review_date: day_after(review.today, review.policy.safety_due_days), action_kind: "other", text: "" });
        draw();
      });
      return h("label", { class: "sf-level", for: input.id }, input, h("span", {}, label));
    });
    set_children(place, h("fieldset", { class: "sf-safety" }, h("legend", {}, "Does anyone need to act today?"), h("p", {}, "This criterion is critical, and the record holds nothing. You can go on scoring: this question waits."), options));
    context.announce("Does anyone need to act today? This question stands beside the criterion; you can go on scoring.");
    parts.get(ref).focus();
  }

  /** Raises the actions that a gap asks for, linked; or one, where there is no gap. */
  async function raise(ref, given = null) {
    if (read_only) return;
    const now = state.get(ref);
    const gap = now.level !== null && now.level <= review.policy.gap_to_level;
    const kinds = given || !gap ? [given?.action_kind || "other"] : review.policy.gap_actions[by_ref.get(ref).rubric.id] || ["other"];
    let linked = null;
    for (const [place, kind] of kinds.entries()) {
      const already = review.state.actions.some((one) => one.action_kind === kind && one.state !== "closed" && kinds.length > 1);
      if (already) continue;
      const proposed = (review.gaps[ref] || []).find((one) => one.action_kind === kind);
      const label = review.choices.action_kinds.find((one) => one.code === kind)?.label || "";
      const proposal = given || { ...proposed, action_kind: kind, text: proposed?.text || (kind === "other" ? "" : label), title: kinds.length > 1 ? `Action ${place + 1} of ${kinds.length}` : "Add an action" };
      let id = null;
      const raised = await ask_action(context, {
        review,
        proposal,
        store(one) {
          id = save.new_id();
          const data = { action: id, criterion: ref, linked, ...one };
          review.state.actions.push({ ...data, state: "open" });
          put("action_raised", "action:" + id, data);
        },
      });
      if (!raised) break;
      linked = id;
    }
    draw_side();
    parts.get(ref).focus();
  }

  // --- moving about ------------------------------------------------------------------------------------------------------------

  function needs(ref) {
    const now = state.get(ref);
    const wanted = [];
    if (now.level === null) return wanted;
    if (now.level >= review.policy.evidence_from_level && !now.evidence.length) wanted.push("needs evidence");
    if (now.level <= review.policy.comment_to_level && !now.comment.trim()) wanted.push("needs a comment");
    return wanted;
  }

  function activate(ref) {
    active = ref;
    draw();
    parts.get(ref).focus();
  }

  function onward(ref) {
    const wanted = needs(ref);
    if (wanted.length) {
      const part = parts.get(ref);
      const to = wanted[0] === "needs evidence" ? part.add_evidence : part.comment;
      to.focus();
      return context.announce(`Criterion ${by_ref.get(ref).number} ${wanted.join(" and ")}. Escape goes on.`);
    }
    step(1);
  }

  function step(by) {
    const place = criteria.findIndex((one) => one.ref === active);
    const to = criteria[place + by];
    if (to) activate(to.ref);
    else if (by > 0) sign_button.focus();
  }

  function level_key(level) {
    if (read_only || !active) return;
    const part = parts.get(active);
    if (part.pending()) return code_reason(part, level);
    if (!part.anchors_in_view()) {
      part.focus();
      return context.announce("These are the levels of this criterion. Press the digit again.");
    }
    act.choose(active, { level, code: null, reason: null }, { advance: true });
  }

  function code_reason(part, digit) {
    const code = part.pending();
    const reason = review.choices[code].find((one) => one.key === String(digit));
    if (reason) act.choose(active, { level: null, code, reason: reason.code }, { advance: true });
  }

  function undo() {
    const last = done.pop();
    if (!last) return context.announce("There is nothing to take back.");
    last.undo();
    undone.push(last);
    after_history(last, "Taken back");
  }

  function redo() {
    const last = undone.pop();
    if (!last) return context.announce("There is nothing to do again.");
    last.redo();
    done.push(last);
    after_history(last, "Done again");
  }

  function after_history(last, words) {
    active = last.ref;
    draw();
    parts.get(last.ref).focus();
    context.announce(`${words}: criterion ${by_ref.get(last.ref).number}, ${answer_words(state.get(last.ref), by_ref.get(last.ref), review.choices)}.`);
  }

  async function sign() {
    if (performance.now() - last_next < TWICE || read_only) return;
    last_next = performance.now();
    document.activeElement?.blur?.();
    await save.idle(3000);
    if (closed) return;
    const unsaved = save.unsaved(review.review);
    if (unsaved.length) {
      const where = unsaved.map((entry) => by_ref.get(entry.data.criterion)).find(Boolean);
      return stop(`${plural(unsaved.length, "change is", "changes are")} not saved yet${where ? `, the first in criterion ${where.number}` : ""}. Sign when the page says Saved.`);
    }
    if (missing.length) return stop("Before you sign:", missing);
    if (too_quick() && !(await confirm_quick())) return;
    const statement = review.statement;
    const yes = await context.dialog({
      title: `Sign ${review.case_label}`,
      body: h("div", { class: "sf-stack" }, h("p", {}, statement), h("p", { class: "sf-hint" }, `Signed as ${context.me.person.name}. Hash of the content: ${content.slice(0, 16)}…`)),
      buttons: [
        { label: next_review ? "Sign and open the next case" : "Sign", value: true, primary: true, key: "Ctrl+Enter" },
        { label: "Not yet", value: false },
      ],
      on_open: (dialog) => (dialog.querySelector(".primary").focus(), true),
    });
    if (!yes) return;
    try {
      const answer = await api.post("api/sign", { id: save.new_id(), review: review.review, role: review.sign_as || "rater", statement, content });
      context.announce("Signed and saved.");
      if (answer.next) await context.go("score", { review: answer.next });
      else await context.go("queue");
    } catch (error) {
      stop(error.message);
    }
  }

  function too_quick() {
    const answers = new Set([...state.values()].map((one) => `${one.level}|${one.code}`));
    return !confirmed_quick && answers.size === 1 && (performance.now() - opened_at) / 1000 < review.policy.quick_seconds;
  }

  async function confirm_quick() {
    confirmed_quick = await context.confirm({ title: "Confirm?", text: "All criteria have the same level, and it took a few seconds. Is that what you mean?", yes: "Yes, that is what I mean", no: "Look again" });
    return confirmed_quick;
  }

  function stop(sentence, list = []) {
    set_children(
      stopper,
      notice(
        "warning",
        sentence,
        list.length ? h("ul", {}, list.map((one) => h("li", {}, one.ref ? h("button", { type: "button", class: "sf-link", on: { click: () => activate(one.ref) } }, one.sentence) : one.sentence))) : null,
      ),
    );
    stopper.querySelector("button")?.focus();
    context.alert(sentence + (list.length ? ` ${plural(list.length, "thing is", "things are")} missing.` : ""));
  }

  async function park() {
    const reason = field({ label: "Why it waits (optional)", control: h("input", { type: "text" }) });
    const yes = await context.dialog({ title: "Park this case", body: h("div", {}, h("p", {}, "Nothing is lost. The case stays in your list."), reason.element), buttons: [{ label: "Park", value: true, primary: true }, { label: "Go on scoring", value: false }] });
    if (!yes) return;
    put("parked", "parked", { parked: true, reason: reason.control.value });
    await context.go("queue");
  }

  async function refer() {
    const reason = field({ label: "What should the moderator look at?", control: h("textarea", { rows: "3" }) });
    const yes = await context.dialog({
      title: "Refer to the moderator",
      body: reason.element,
      buttons: [{ label: "Refer", value: true, primary: true, check: () => (reason.error(reason.control.value.trim() ? "" : "Say what to look at."), Boolean(reason.control.value.trim())) }, { label: "Not now", value: false }],
    });
    if (yes) {
      put("referred", "referred", { reason: reason.control.value.trim() });
      context.announce("The moderator will see it.");
    }
  }

  async function deviation() {
    const by = field({ label: "Who records it", control: select([{ code: "manager", label: "Supervisor or manager" }, { code: "practitioner", label: "Practitioner" }]) });
    const guideline = field({ label: "From which guideline", control: h("input", { type: "text", maxlength: "200" }) });
    const words = field({ label: "What was done differently, and why", control: h("textarea", { rows: "3" }) });
    const yes = await context.dialog({
      title: "Record a deviation from guidelines",
      body: h("div", { class: "sf-stack" }, h("p", { class: "sf-hint" }, "Practitioner and manager each record their own entry."), by.element, guideline.element, words.element),
      buttons: [
        { label: "Record", value: true, primary: true, check: () => (guideline.error(guideline.control.value.trim() ? "" : "Name the guideline."), words.error(words.control.value.trim() ? "" : "Say what was done, and why."), Boolean(guideline.control.value.trim() && words.control.value.trim())) },
        { label: "Not now", value: false },
      ],
    });
    if (!yes) return;
    const data = { by: by.control.value, guideline: guideline.control.value.trim(), text: words.control.value.trim() };
    put("deviation_recorded", "deviation:" + data.by, data);
    review.state.deviations[data.by] = data;
    draw_side();
  }

  // --- drawing -----------------------------------------------------------------------------------------------------------------

  const parts = new Map(criteria.map((one) => [one.ref, create_criterion({ criterion: one, review, act })]));
  const panel = create_panel(review.panel);
  const stopper = h("div", { class: "sf-stopper" });
  const marks = h("p", { class: "sf-marks", "aria-label": "Criteria and what was chosen" });
  const side = h("div", { class: "sf-actions" });
  const sign_button = button(review.sign_as === "supervisee" ? "Sign" : "Sign off and next", { kind: "primary", key: "Ctrl+Enter", run: sign });

  function draw() {
    for (const [ref, part] of parts) part.draw(state.get(ref), { active: ref === active, needs: needs(ref), read_only, locked: save.locked });
    panel.mark([...state.values()].flatMap((one) => one.evidence));
    draw_side();
    draw_missing();
  }

  function draw_missing() {
    text(marks, criteria.map((one) => `${one.number}:${short(state.get(one.ref))}`).join("  "));
  }

  function short(one) {
    return one.level !== null ? one.level : one.code === "not_applicable" ? "n" : one.code === "not_accessible" ? "x" : "–";
  }

  function draw_side() {
    const actions = review.state.actions;
    set_children(
      side,
      actions.length ? [h("h3", {}, "Actions"), h("ul", { class: "sf-plain" }, actions.map((one) => h("li", {}, `${one.text} · ${one.owner} · due ${date_words(one.due)} · review ${date_words(one.review_date)}`)))] : null,
      ["practitioner", "manager"].filter((by) => review.state.deviations[by]).map((by) => h("p", {}, `Deviation recorded by the ${by}: ${review.state.deviations[by].text}`)),
      review.copies === REFERENCES ? paste_part() : null,
    );
  }

  function paste_part() {
    const words = [...parts.values()].filter((part) => state.get(part.criterion.ref).comment).map((part) => `${part.criterion.title}: ${state.get(part.criterion.ref).comment}`).join("\n");
    const area = h("textarea", { rows: "4", readOnly: true, value: words, "aria-label": "Text for the case system" });
    const reference = h("input", { type: "text", maxlength: "200", "aria-label": "Where in the case system" });
    return h("div", { class: "sf-card" }, h("h3", {}, "For the case system"), h("p", {}, "These words are not kept here. Copy them into the case system, then say where they are."), area, button("Copy", { run: () => navigator.clipboard?.writeText(words).then(() => context.announce("Copied.")) }), reference, button("I have pasted it", { run: () => (put("pasted_into_record", "paste", { pasted_on: review.today, reference: reference.value }), context.announce("Noted.")) }));
  }

  function draw_conflict(ref, { standing, other, subject }) {
    const part = parts.get(ref);
    const say = (value) => (value.level !== undefined && value.level !== null ? `Level ${value.level}` : value.code ? value.code.replace("_", " ") : value.text !== undefined ? `"${value.text}"` : "Not scored");
    const choose = (mine, theirs) => () => {
      put("conflict_resolved", subject, { chosen: mine.id, instead_of: theirs.id });
      const data = mine.data;
      if ("text" in data) state.get(ref).comment = data.text;
      else Object.assign(state.get(ref), { level: data.level ?? null, code: data.code ?? null, reason: data.reason ?? null });
      set_children(part.conflict);
      draw();
      part.focus();
    };
    set_children(
      part.conflict,
      notice(
        "warning",
        "Two values were written from the same starting point. Both are kept. Which one stands?",
        h("div", { class: "sf-row" }, button(`${say(standing.data)} (${standing.actor_label || "stored"}, ${standing.at ? time_words(standing.at) : ""})`, { run: choose(standing, other) }), button(`${say(other.data)} (${other.actor_label || "just now"}${other.at ? ", " + time_words(other.at) : ""})`, { run: choose(other, standing) })),
      ),
    );
    activate(ref);
    context.alert("Two values were written for one criterion. Choose which one stands; both are kept.");
  }

  const h1 = h("h1", { tabindex: "-1" }, review.case_label);
  set_children(
    root,
    h(
      "div",
      { class: "sf-case" },
      h1,
      h("p", {}, `${review.practitioner_label} · ${review.stage_label} · drawn ${date_words(review.drawn_on)}, seed …${review.seed_tail}`),
      h("p", { class: "sf-hint" }, "Not a risk assessment. Score from the record only."),
      read_only ? notice("info", review.read_only_why || "This review is signed.") : null,
    ),
    h(
      "div",
      { class: "sf-desk" },
      panel.element,
      h(
        "section",
        { class: "sf-form", "aria-label": "Criteria" },
        review.rubrics.map((rubric) => [h("h2", {}, rubric.title, h("span", { class: "sf-version" }, ` version ${rubric.version}`)), h("details", {}, h("summary", {}, "When this rubric applies"), h("p", {}, rubric.applies_when)), h("ol", { class: "sf-criteria" }, rubric.criteria.map((one) => parts.get(one.ref).element))]),
        side,
        stopper,
      ),
    ),
    h(
      "div",
      { class: "sf-foot" },
      marks,
      h(
        "div",
        { class: "sf-row" },
        button("Previous", { key: ",", run: () => step(-1) }),
        button("Undo", { key: "u", run: undo }),
        button("Park this case", { key: "p", run: park }),
        button("Refer to moderator", { key: "r", run: refer }),
        button("Record a deviation", { run: deviation }),
        read_only ? h("a", { class: "sf-button", href: api.address(`api/record/${review.review}.html`) }, "The record of this case") : sign_button,
      ),
    ),
  );

  disposers.push(
    keys.use([
      ...[0, 1, 2, 3].map((level) => ({ id: "level" + level, keys: [String(level)], label: `Level ${level}, and on`, group: "Scoring", run: () => level_key(level) })),
      ...[4, 5, 6, 7, 8, 9].map((digit) => ({ id: "reason" + digit, keys: [String(digit)], run: () => parts.get(active)?.pending() && code_reason(parts.get(active), digit) })),
      { id: "not_applicable", keys: ["n"], label: "Not applicable, then the digit of the reason", group: "Scoring", run: () => !read_only && parts.get(active)?.ask_reason("not_applicable") },
      { id: "not_accessible", keys: ["x"], label: "Record not accessible, then the digit of the reason", group: "Scoring", run: () => !read_only && parts.get(active)?.ask_reason("not_accessible") },
      { id: "evidence", keys: ["e"], label: "Point to the evidence (select words in the record first)", group: "Scoring", run: () => act.point(active) },
      { id: "phrases", keys: ["c"], label: "Comment: phrases for this criterion", group: "Scoring", run: () => act.phrases(active) },
      { id: "comment", keys: ["m"], label: "Write a comment", group: "Scoring", run: () => parts.get(active)?.comment.focus() },
      { id: "action", keys: ["a"], label: "Add an action; after a gap, the linked actions", group: "Scoring", run: () => raise(active) },
      { id: "undo", keys: ["u", "Ctrl+z"], label: "Take the last change back", group: "Scoring", run: undo },
      { id: "redo", keys: ["Shift+u", "Ctrl+y"], label: "Do it again", group: "Scoring", run: redo },
      { id: "previous", keys: [",", "k"], label: "Previous criterion", group: "Moving", run: () => step(-1) },
      { id: "following", keys: [".", "j"], label: "Next criterion", group: "Moving", run: () => step(1) },
      { id: "find", keys: ["/"], label: "Find in the record", group: "Moving", run: () => panel.focus_find() },
      { id: "park", keys: ["p"], label: "Park this case", group: "Case", run: park },
      { id: "refer", keys: ["r"], label: "Refer to the moderator", group: "Case", run: refer },
      { id: "sign", keys: ["Ctrl+Enter"], label: "Sign off, and the next case", group: "Case", in_text: true, run: sign },
      { id: "leave_field", keys: ["Escape"], label: "Out of a field, and on", group: "Moving", in_text: true, fixed: true, run: () => { const ref = active; document.activeElement?.blur?.(); if (!needs(ref).length && state.get(ref)?.level !== null) step(1); else parts.get(ref)?.focus(); } },
    ]),
    save.on("answer", (answer) => {
      content = answer.content?.[review.review] || content;
      missing = answer.missing?.[review.review] || missing;
    }),
    save.on("conflict", (receipt, entry) => {
      if (entry.review !== review.review || !state.has(entry.data.criterion)) return;
      draw_conflict(entry.data.criterion, { subject: entry.subject, standing: receipt.other, other: { id: entry.id, data: entry.data, actor_label: "you, here", at: receipt.at } });
    }),
    save.on("refused", (entry, error) => parts.get(entry.data.criterion)?.refuse(error.message)),
    save.on("locked", draw),
  );

  active = (criteria.find((one) => state.get(one.ref).level === null && !state.get(one.ref).code) || criteria[0]).ref;
  draw();
  for (const one of criteria) if (one.critical && state.get(one.ref).level === 0 && !state.get(one.ref).safety) ask_safety(one.ref);
  for (const one of review.state.conflicts) {
    const ref = one.subject.split(":")[1];
    if (state.has(ref)) draw_conflict(ref, one);
  }
  if (read_only) h1.focus();
  else parts.get(active).focus();
  let counted = performance.now();

  return {
    before_leave: () => (review.copies === REFERENCES && [...state.values()].some((one) => one.comment) && !review.state.paste ? "Words on this page are not kept here. Copy them into the case system first." : ""),
    dispose() {
      closed = true;
      disposers.forEach((off) => off());
      const seconds = Math.min(Math.round((performance.now() - counted) / 1000), 3600);
      counted = performance.now();
      if (!read_only && seconds > 0) put("time_spent", "time", { seconds });
    },
  };
}
