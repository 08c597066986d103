// A signed review as its supervisee reads it: what was scored and why, the actions, the right of reply, the signature, and an own copy.
// Its rater opens the same page to answer.

import { button, focus_heading, h, set_children } from "./dom.js";
import { control, event_form } from "./action_forms.js";
import { conflicts_part } from "./conflicts.js";
import { has_draft } from "./drafts.js";
import { know } from "./live.js";
import { screen_words } from "./paste.js";
import { reply_part } from "./reply_part.js";
import { day_element, day_words, facts, mark, moment_words, section, show_failure, stacked_table } from "./screen_parts.js";
import { sign_form, signatures } from "./sign.js";
import { line_length, text_field } from "./texts.js";

/** Shows a signed review. */
export async function show(root, context, params) {
  const screen = { root, context, params, page: null };
  screen.aside = screen_words(context, () => `${screen.page?.case_label ?? ""}: reply`);
  await fill(screen);
  return { dispose: screen.aside.close, before_leave: screen.aside.leave };
}

async function fill(screen, said = "") {
  const { root, context } = screen;
  try {
    screen.page = await ask(screen);
    set_children(root, body(screen, screen.page));
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  focus_heading(root);
  if (said) context.announce(said);
}

function ask({ context, params }) {
  return context.api.get(`api/review/${params.review}`, { query: { purpose: params.purpose ?? context.purpose() } });
}

function body(screen, page) {
  const { context } = screen;
  const again = () => fill(screen, "Saved.");
  const criteria = page.rubrics.flatMap((rubric) => rubric.criteria.map((one) => ({ ...one, rubric: rubric.title })));
  return h("div", { class: "sf-page sf-stack ss-screen" },
    header(page),
    conflicts_part(context, page.review, page.state.conflicts, {
      words: (data) => data?.text ?? data?.reason ?? "Nothing", title: (subject) => subject.split(":")[0].replaceAll("_", " "),
      read: async () => (await ask(screen)).state.conflicts, done: again,
    }),
    page.rubrics.map((rubric) => scored(rubric, page)),
    actions(page.state.actions),
    deviations(context, page, { words: screen.aside.words, done: again }),
    section("Reply", reply_part(context, page.review, page.reply, { criteria, done: again, words: screen.aside.words })),
    screen.aside.element,
    section("Signatures", signatures(page.state.signatures), sign_part(context, page, again)),
    own_copy(screen, page),
    h("p", null, button("Back to your cases", { run: () => context.go("queue", {}) })));
}

function header(page) {
  const signed = page.state.signatures.find((one) => one.role === "rater" && !one.void);
  return h("div", { class: "ss-head" },
    h("h1", { tabindex: "-1" }, `${page.as === "supervisee" ? "What was scored" : "Record and reply"}: ${page.case_label}`),
    h("p", { class: "ss-lead" }, signed ? `Signed by ${signed.name}, ${moment_words(signed.at)}.` : "Not signed, or changed since it was signed."),
    facts([["Practitioner", page.practitioner_label], ["Drawn", day_element(page.drawn_on)], ["Rating", page.stage_label], ["Draw", page.draw_id]], "ss-facts ss-inline-facts"),
    page.as === "supervisee"
      ? h("p", { class: "ss-note" }, "This is about the record of one case. You may reply to anything in it, and you keep a copy. The levels say nothing about you as a person.")
      : null);
}

function scored(rubric, page) {
  const code_words = (one) => {
    const label = one.code === "not_applicable" ? "Not applicable" : "Record not accessible";
    const reason = (page.choices[one.code] ?? []).find((row) => row.code === one.reason)?.label;
    return reason ? `${label}: ${reason}` : label;
  };
  return section(rubric.title, stacked_table({
    caption: `${rubric.title}, version ${rubric.version}: level and reason of each criterion`,
    hide_caption: true,
    head: ["Criterion", "Level", "Why"],
    rows: rubric.criteria.map((one) => {
      const state = page.state.criteria[one.ref];
      const level = state.level !== null ? `${state.level} – ${one.levels[state.level]}` : state.code ? code_words(state) : "Not scored";
      return [
        h("span", null, h("span", { class: "ss-number" }, String(one.number)), one.title, one.critical ? h("span", { class: "ss-critical" }, " Critical") : null),
        level,
        why(state),
      ];
    }),
  }));
}

function why(state) {
  return h("div", null,
    state.comment ? h("p", { class: "ss-comment" }, state.comment) : null,
    state.evidence.length
      ? h("ul", { class: "ss-evidence" }, state.evidence.map((one) => h("li", null, `${day_words(one.note_date)}, ${one.note_kind}`, one.quote ? h("q", null, one.quote) : null)))
      : null,
    state.comment || state.evidence.length ? null : h("span", { class: "sf-muted" }, "Nothing noted"));
}

function actions(rows) {
  if (!rows.length) return section("Actions", h("p", null, "No action was raised."));
  return section("Actions", stacked_table({
    caption: `What was agreed (${rows.length})`,
    head: ["Action", "Owner", "Due", "Review date"],
    rows: rows.map((row) => [row.text, row.owner, day_element(row.due), day_element(row.review_date)]),
  }));
}

function deviations(context, page, { words, done }) {
  const part = page.deviations_part;
  if (!part) return null;
  const mine = page.as === "supervisee" ? "practitioner" : "manager";
  const place = h("div");
  const opener = button(part[mine] ? "Write your entry again" : "Record a deviation from guidelines", { kind: "quiet" });
  const open = (focus = true) => {
    opener.hidden = true;
    const form = deviation_form(context, page, mine, { words, done, leave: () => { set_children(place); opener.hidden = false; opener.focus(); } });
    set_children(place, form.element);
    if (focus) form.focus();
  };
  opener.addEventListener("click", () => open());
  if (has_draft(context, `deviation|${mine}|${page.review}`)) open(false); // begun before a reload
  return section("Deviations from guidelines",
    h("p", null, mark(part.words || "None is recorded.", part.state === "both" ? "tick" : part.state === "one_missing" ? "clock" : "hollow", part.state === "one_missing" ? "warn" : "plain")),
    ["practitioner", "manager"].filter((by) => part[by]).map((by) =>
      h("div", { class: "ss-comment" }, h("p", null, h("strong", null, `${part[by].by_label || by}: `), part[by].guideline), h("p", null, part[by].text))),
    h("p", { class: "sf-muted" }, "Practitioner and manager each write their own entry."),
    h("p", null, opener), place);
}

function deviation_form(context, page, by, { words, done, leave }) {
  know(context, page.review, `deviation:${by}`, page.deviations_part.revisions[by]);
  const before = page.deviations_part[by];
  return event_form(context, {
    title: "A deviation from guidelines",
    heading: "h3",
    name: `deviation|${by}|${page.review}`,
    fields: {
      guideline: control("Which guideline?", h("input", { type: "text", maxlength: line_length(context, ["deviation_recorded", "guideline"]), value: before?.guideline ?? "" })),
      text: text_field(context, ["deviation_recorded", "text"], { label: "What was done instead, and why?", rows: 3, value: before?.text ?? "", words }),
    },
    submit: "Save the entry",
    check: (given) => ({
      ...(given.guideline.trim() ? {} : { guideline: "Name the guideline." }),
      ...(given.text.trim() ? {} : { text: "Say what was done instead, and why." }),
    }),
    event: (given) => ({
      kind: "deviation_recorded", review: page.review, subject: `deviation:${by}`,
      data: { by, guideline: given.guideline.trim(), text: given.text.trim() },
    }),
    done,
    leave,
  });
}

function sign_part(context, page, done) {
  if (page.sign_as !== "supervisee") return null;
  return sign_form(context, { review: page.review, role: "supervisee", statement: page.statement, content: page.content }, { label: "Sign", done });
}

function own_copy(screen, page) {
  const { context } = screen;
  const link = (kind, words) => h("a", {
    class: "sf-button quiet", target: "_blank", rel: "noopener",
    href: context.api.link(`api/record/${page.review}.${kind}`, { purpose: page.purpose }),
  }, words);
  return section("Your own copy",
    h("p", { class: "sf-muted" }, "The record belongs to both of you. The page, the PDF and the text carry the same hash as the journal."),
    h("p", { class: "sf-row" }, link("html", "Page (opens a new page)"), link("pdf", "PDF"), link("txt", "Plain text")));
}
