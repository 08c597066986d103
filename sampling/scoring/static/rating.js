// One criterion: its anchors, its level or code, its evidence, its comment. Draws at once; the save loop does the rest.

import { button, clear, date_words, h, notice, set_children, tag, text, time_words, unique_id } from "./dom.js";

const CODES = { not_applicable: ["n", "Not applicable"], not_accessible: ["x", "Record not accessible"] };

export function answer_words(answer, criterion, choices) {
  if (answer.level !== null && answer.level !== undefined) return `Level ${answer.level}`;
  if (answer.code) {
    const reason = choices[answer.code].find((one) => one.code === answer.reason);
    return `${CODES[answer.code][1]}: ${reason ? reason.label : ""}`;
  }
  return "Not scored";
}

/** Returns the part of one criterion. `act` is what the form does when something is chosen. */
export function create_criterion({ criterion, answer, review, act }) {
  const name = unique_id("level");
  const body = h("div", { class: "sf-criterion-body" });
  const options = [];
  const words = h("span", { class: "sf-criterion-answer" });
  const flag = h("span", { class: "sf-criterion-needs" });
  const summary = h(
    "button",
    { type: "button", class: "sf-criterion-summary", "aria-expanded": "false", on: { click: () => act.activate(criterion.ref) } },
    h("span", { class: "sf-number" }, criterion.number),
    h("span", { class: "sf-criterion-title" }, criterion.title, criterion.critical ? " ‡" : ""),
    words,
    flag,
  );

  function chosen(input, event) {
    // An arrow key walks through the levels and must not run on; a digit or the pointer says "this one, next".
    act.choose(criterion.ref, read(input), { advance: event.detail > 0 });
  }

  function read(input) {
    if (input.value in CODES) {
      const select = options.find((one) => one.input === input).select;
      return { level: null, code: input.value, reason: select.value || null };
    }
    return { level: Number(input.value), code: null, reason: null };
  }

  const group = h(
    "fieldset",
    { class: "sf-levels" },
    h("legend", {}, `Criterion ${criterion.number}: ${criterion.title}`, criterion.critical ? h("abbr", { title: "critical criterion", class: "sf-critical" }, " ‡") : null),
    h("p", { class: "sf-question" }, criterion.question),
    criterion.levels.map((anchor, level) => option(String(level), String(level), anchor)),
    Object.entries(CODES).map(([code, [key, label]]) => option(code, key, label)),
    criterion.note ? h("p", { class: "sf-hint" }, criterion.note) : null,
  );

  function option(value, key, label) {
    const input = h("input", { type: "radio", name, value, id: unique_id("option") });
    const place = h("label", { class: "sf-level", for: input.id }, input, h("kbd", {}, key), h("span", { class: "sf-anchor" }, label));
    input.addEventListener("click", (event) => chosen(input, event));
    const one = { input, value, select: null, holder: place };
    if (value in CODES) {
      one.select = h(
        "select",
        { "aria-label": `Reason: ${label}`, hidden: true },
        h("option", { value: "" }, "Choose the reason"),
        review.choices[value].map((reason) => h("option", { value: reason.code }, `${reason.key} ${reason.label}`)),
      );
      one.select.addEventListener("change", () => act.choose(criterion.ref, read(input), { advance: Boolean(one.select.value) }));
      options.push(one);
      return h("div", { class: "sf-code" }, place, one.select);
    }
    options.push(one);
    return place;
  }

  const evidence = h("ul", { class: "sf-evidence" });
  const add_evidence = button("Point to the evidence", { key: "e", kind: "quiet", run: () => act.point(criterion.ref) });
  const comment = h("textarea", { rows: "2", id: unique_id("comment") });
  const count = h("p", { class: "sf-hint", id: unique_id("hint") }, review.copies === "references_only" ? "Goes into the case system: copy it before you leave. It is not kept here." : "");
  comment.setAttribute("aria-describedby", count.id);
  comment.addEventListener("input", () => act.comment(criterion.ref, comment.value, { soon: false }));
  comment.addEventListener("blur", () => act.comment_left(criterion.ref));
  const side = h("div", { class: "sf-side" });
  const conflict = h("div", { class: "sf-conflict" });
  const problem = h("p", { class: "sf-error", role: "alert", hidden: true });

  set_children(
    body,
    group,
    conflict,
    side,
    h("div", { class: "sf-part" }, h("h3", {}, "Evidence"), evidence, add_evidence),
    h("div", { class: "sf-part" }, h("label", { for: comment.id, class: "sf-part-title" }, "Comment"), comment, count, h("div", { class: "sf-row" }, button("Phrases", { key: "c", kind: "quiet", run: () => act.phrases(criterion.ref) }), button("Add an action", { key: "a", kind: "quiet", run: () => act.action(criterion.ref) }))),
    problem,
  );
  const element = h("li", { class: "sf-criterion", dataset: { ref: criterion.ref } }, summary, body);

  function draw(now, { active, needs, read_only, locked }) {
    summary.setAttribute("aria-expanded", String(active));
    body.hidden = !active;
    element.classList.toggle("sf-active", active);
    text(words, answer_words(now, criterion, review.choices));
    text(flag, needs.length ? needs.join(", ") : "");
    for (const one of options) {
      const on = one.value in CODES ? now.code === one.value : now.level === Number(one.value);
      one.input.checked = on || one.input === pending_code;
      one.input.disabled = read_only || locked;
      if (one.select) {
        one.select.hidden = !(one.input.checked || one.input === pending_code);
        one.select.disabled = read_only || locked;
        if (document.activeElement !== one.select) one.select.value = (on && now.reason) || "";
      }
    }
    comment.readOnly = read_only || locked;
    if (document.activeElement !== comment && comment.value !== now.comment) comment.value = now.comment;
    add_evidence.disabled = read_only || locked;
    set_children(
      evidence,
      now.evidence.map((pointer) =>
        h(
          "li",
          {},
          h("span", {}, `${date_words(pointer.note_date)} · ${pointer.note_kind}`, pointer.quote ? [" · ", h("q", {}, pointer.quote)] : null),
          read_only ? null : button("Take away", { kind: "quiet", run: () => act.unpoint(criterion.ref, pointer), describedby: null }),
        ),
      ),
    );
  }

  let pending_code = null;

  return {
    element,
    criterion,
    draw,
    comment,
    group,
    side,
    conflict,
    add_evidence,
    /** Shows the reasons of a code and puts the focus on them; nothing is stored until one is chosen. */
    ask_reason(code) {
      const one = options.find((other) => other.value === code);
      pending_code = one.input;
      one.input.checked = true;
      one.select.hidden = false;
      one.select.focus();
    },
    pending: () => (pending_code ? pending_code.value : ""),
    settled() {
      pending_code = null;
    },
    focus() {
      (options.find((one) => one.input.checked) || options[0]).input.focus({ preventScroll: true });
      element.scrollIntoView({ block: "nearest" });
    },
    anchors_in_view() {
      const box = group.getBoundingClientRect();
      return box.top < window.innerHeight && box.bottom > 0 && !body.hidden;
    },
    refuse(sentence) {
      problem.hidden = !sentence;
      text(problem, sentence || "");
    },
  };
}
