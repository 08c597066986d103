// The landing page: what waits for this person, in the seed's order, and where they were.

import { button, focus_heading, h, plural, set_children } from "./dom.js";
import { purpose_of_sitting, stated_purpose } from "./purpose.js";
import { results_part } from "./seeded.js";
import { day_element, mark, period_words, section, show_failure, stacked_table } from "./screen_parts.js";

const LAST = "sampling-last-review|";
const SHAPES = {
  not_started: ["hollow", "plain"],
  in_progress: ["begun", "plain"],
  parked: ["pause", "warn"],
  referred: ["person", "warn"],
  ready_to_sign: ["signed", "plain"],
  signed: ["tick", "good"],
  waiting_second: ["clock", "plain"],
  differs: ["two_steps", "warn"],
  moderated: ["tick", "good"],
  seeded: ["tick", "plain"],
  deleted: ["hollow", "plain"],
};
const TO_DO = ["ready_to_sign", "in_progress", "not_started"];
const WAITS = ["parked", "referred"];
const OVER = ["signed", "waiting_second", "differs", "moderated", "seeded", "deleted"];

/** Shows the queue. */
export async function show(root, context) {
  const screen = { root, context, off: () => {} };
  await fill(screen);
  return { dispose: () => screen.off() };
}

async function fill(screen) {
  const { root, context } = screen;
  try {
    const queue = await context.api.get("api/queue");
    set_children(root, page(screen, queue));
    screen.off();
    screen.off = context.keys.use(shortcuts(screen, queue), root);
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  focus_heading(root);
}

function shortcuts(screen, queue) {
  const next = next_review(screen.context, queue);
  if (!next) return [];
  return [{ id: "queue.open", keys: ["g"], label: "Go on with the case named at the top", group: "Queue", run: () => open_review(screen, next) }];
}

function page(screen, queue) {
  const [first, second] = [rows_of(queue, false), rows_of(queue, true)];
  return h("div", { class: "sf-page sf-stack ss-screen" },
    header(queue, screen.context.me.person.roles),
    resume(screen, queue),
    elsewhere(screen.context, queue),
    first.length ? cases(screen, "Drawn cases", `The cases drawn for your practitioners, in the order of the draw's seed`, first) : null,
    waiting(screen, queue),
    second.length ? cases(screen, "Second ratings",
      "Cases that another rater scores too. Neither sees the other's ratings until both have signed", second) : null,
    own_cases(screen.context, queue),
    put_forward(queue),
    results_part(screen, queue, (on, row) => open_review(on, { review: row.open, state: "seeded", purpose: "audit" })),
    for_leads(queue));
}

function rows_of(queue, second) {
  return queue.reviews.filter((row) => (row.stage === "second") === second);
}

function header(queue, roles) {
  const period = queue.period ? `, ${period_words(queue.period)}` : "";
  const counts = Object.entries(queue.counts ?? {});
  const label = Object.fromEntries(queue.reviews.map((row) => [row.state, row.state_label]));
  return h("div", { class: "ss-head" },
    h("h1", { tabindex: "-1" }, `Your cases${period}`),
    h("p", { class: "ss-lead" }, headline(queue)),
    counts.length
      ? h("ul", { class: "ss-marks", "aria-label": "How many are where" }, counts.map(([state, count]) =>
        h("li", null, mark(`${label[state] ?? state}: ${count}`, ...(SHAPES[state] ?? ["hollow", "plain"])))))
      : null,
    ...(queue.notes ?? []).map((note) => h("p", { class: "ss-note" }, note)),
    nothing_yet(queue, roles) ? h("p", { class: "ss-note" }, nothing_yet(queue, roles)) : null);
}

/** What a person who has nothing here yet can expect to find here, and when. */
function nothing_yet(queue, roles) {
  if (queue.reviews.length || (queue.mine ?? []).length) return "";
  if (roles.includes("supervisee")) return "Once a review of one of your cases is signed, it stands here: you can read it, reply to it and sign it.";
  if (roles.includes("moderator")) return "Cases that are rated twice, or referred to you, stand under Moderation.";
  return "";
}

/** Returns the finding of the page in one or two sentences. */
export function headline(queue) {
  const open = queue.reviews.filter((row) => TO_DO.includes(row.state)).length;
  const held = queue.reviews.filter((row) => WAITS.includes(row.state)).length;
  const others = queue.follow_up.overdue + queue.follow_up.due + queue.moderation + queue.sessions + supervision_rows(queue).length +
    (queue.mine ?? []).filter((row) => !row.seen).length;
  if (!open && !held) {
    if (others) return queue.reviews.length ? "Every case is scored. What is listed below still waits for you." : "What is listed below waits for you.";
    return queue.reviews.length ? `Nothing needs you. All ${plural(queue.reviews.length, "case", "cases")} are scored.` : "Nothing needs you.";
  }
  const sentences = [];
  if (open) sentences.push(`${open} of ${plural(queue.reviews.length, "case", "cases")} ${open === 1 ? "is" : "are"} yours to score.`);
  if (held) sentences.push(`${plural(held, "case waits", "cases wait")} because you parked or referred ${held === 1 ? "it" : "them"}.`);
  return sentences.join(" ");
}

/** Returns the case at which the person goes on: the one they had open last, else the first that was begun, else the first of all. */
export function next_review(context, queue) {
  const open = queue.reviews.filter((row) => TO_DO.includes(row.state));
  const last = read_last(context);
  return open.find((row) => row.review === last && row.state !== "not_started") ??
    open.find((row) => row.state === "in_progress") ?? open.find((row) => row.state === "ready_to_sign") ?? open[0] ?? null;
}

function read_last(context) {
  try {
    return window.sessionStorage.getItem(LAST + context.me.person.key);
  } catch {
    return null;
  }
}

function keep_last(context, review) {
  try {
    window.sessionStorage.setItem(LAST + context.me.person.key, review);
  } catch {
    // then the first case that was begun is the one to go on with
  }
}

function resume(screen, queue) {
  const row = next_review(screen.context, queue);
  const stated = stated_purpose(screen.context);
  if (!row) return null;
  const begun = row.state !== "not_started";
  return h("section", { class: "sf-card ss-resume", "aria-label": "Go on" },
    h("div", null,
      h("p", { class: "ss-kicker" }, begun ? "Where you were" : "Next"),
      h("p", { class: "ss-big" }, `${row.case_label}, case ${row.number} of ${row.of}`),
      h("p", { class: "sf-muted" }, `${row.practitioner_label}. ${row.stage === "second" ? `${row.stage_label}. ` : ""}${row.state_label}.`)),
    h("div", { class: "ss-resume-act" },
      button(begun ? "Go on with this case" : "Open this case", { kind: "primary", key: screen.context.keys.print("queue.open"), run: () => open_review(screen, row) }),
      stated ? null : h("p", { class: "ss-hint" }, "You are asked for the purpose when you open the first case.")));
}

async function open_review(screen, row) {
  const { context } = screen;
  const purpose = await purpose_of_sitting(context, row.purpose);
  if (purpose === null) return;
  keep_last(context, row.review);
  context.go(OVER.includes(row.state) && !["seeded", "deleted"].includes(row.state) ? "reply" : "score", { review: row.review, purpose });
}

function elsewhere(context, queue) {
  const { overdue, due } = queue.follow_up;
  const rows = [
    overdue + due > 0 && ["follow_up", "late", overdue ? "bad" : "warn", follow_up_words(overdue, due), "Open follow-up"],
    queue.moderation > 0 && ["moderation", "two_steps", "warn",
      `${plural(queue.moderation, "case waits", "cases wait")} for the moderator.`, "Open moderation"],
    queue.sessions > 0 && ["sessions", "begun", "plain",
      `${plural(queue.sessions, "supervision session is", "supervision sessions are")} not closed yet.`, "Open sessions"],
    ...supervision_rows(queue),
  ].filter(Boolean);
  if (!rows.length) return null;
  return section("Also waiting for you",
    h("ul", { class: "ss-elsewhere" }, rows.map(([route, form, tone, words, label, params = {}]) =>
      h("li", { class: "sf-row" }, mark(words, form, tone), button(label, { kind: "quiet", run: () => context.go(route, params) })))));
}

/** What waits on the screen Supervision: an agreement to sign, on either side of it, and objections to decide. */
function supervision_rows(queue) {
  const { own, supervisees, objections } = queue.supervision;
  const one = supervisees.length === 1;
  return [
    own > 0 && ["supervision", "signed", "warn", "A supervision agreement waits for your signature, as supervisee.", "Open your supervision", { person: "own" }],
    supervisees.length > 0 && ["supervision", "signed", "warn", one ? "A supervision agreement waits for your signature, as supervisor."
      : `Supervision agreements with ${supervisees.length} people wait for your signature, as supervisor.`,
    one ? "Open the agreement" : "Open your supervisees", one ? { person: supervisees[0] } : {}],
    objections > 0 && ["supervision", "clock", "warn", `${plural(objections, "objection or request waits", "objections or requests wait")} for a lead's decision.`, "Open objections"],
  ].filter(Boolean);
}

function follow_up_words(overdue, due) {
  const parts = [];
  if (overdue) parts.push(`${plural(overdue, "follow-up is", "follow-ups are")} overdue`);
  if (due) parts.push(overdue ? `${due} due this week` : `${plural(due, "follow-up is", "follow-ups are")} due this week`);
  return `${parts.join(", ")}.`;
}

function cases(screen, title, caption, rows) {
  return section(title, stacked_table({
    caption: `${caption} (${rows.length})`,
    head: ["Case", "Practitioner", "Why it could be drawn", "State", "Due", "Open"],
    rows: rows.map((row) => [
      h("span", null, h("span", { class: "ss-number" }, `${row.number} of ${row.of}`), h("span", { class: "ss-label" }, row.case_label)),
      h("span", { class: "ss-label" }, row.practitioner_label),
      row.reasons || "No recent recorded change",
      h("div", null, mark(row.state_label, ...(SHAPES[row.state] ?? ["hollow", "plain"])),
        row.time_words ? h("p", { class: "ss-hint" }, row.time_words) : null),
      OVER.includes(row.state) ? h("span", { class: "sf-muted" }, "Done") : day_element(row.due),
      open_button(screen, row),
    ]),
  }));
}

function open_button(screen, row) {
  const label = OVER.includes(row.state) ? "Read" : row.state === "not_started" ? "Score" : "Go on";
  const control = button(label, { kind: "quiet", run: () => open_review(screen, row) });
  control.setAttribute("aria-label", `${label}: ${row.case_label}`);
  return control;
}

function waiting(screen, queue) {
  const rows = queue.reviews.filter((row) => WAITS.includes(row.state));
  if (!rows.length) return null;
  return section("Parked and referred",
    h("p", { class: "sf-muted" }, "Nothing is lost here. A parked case waits until you go on with it; it keeps its place in the order."),
    h("ul", { class: "ss-elsewhere" }, rows.map((row) =>
      h("li", { class: "sf-row" }, mark(`${row.case_label}: ${row.state_label}`, ...SHAPES[row.state]), open_button(screen, row)))));
}

function own_cases(context, queue) {
  const rows = queue.mine ?? [];
  if (!rows.length) return null;
  return section("What was scored of your own work", stacked_table({
    caption: `Signed reviews of your cases, which you may read, reply to and keep (${rows.length})`,
    head: ["Case", "Signed on", "Your reply", "You have signed", "Open"],
    rows: rows.map((row) => [
      h("span", null, row.case_label, row.stage_label ? h("span", { class: "ss-number" }, ` ${row.stage_label}`) : null),
      day_element(row.signed_on),
      mark(row.reply_label, row.reply_state === "waiting" ? "clock" : row.reply_state === "none" ? "hollow" : "tick"),
      row.seen ? mark("Yes", "tick", "good") : mark("Not yet", "hollow"),
      open_own(context, row),
    ]),
  }));
}

function open_own(context, row) {
  const control = button("Read and reply", { kind: "quiet", run: () => context.go("reply", { review: row.review }) });
  control.setAttribute("aria-label", `Read and reply: ${row.case_label}`);
  return control;
}

function put_forward(queue) {
  const { drawn, tabled, words } = queue.ratio;
  if (!drawn && !tabled) return null;
  return section("Drawn and put forward",
    h("p", null, words),
    queue.tabled.length
      ? stacked_table({
        caption: `Cases that a person put forward (${queue.tabled.length}). They are discussed beside the drawn ones and never take their place`,
        head: ["Case", "Practitioner", "Put forward by"],
        rows: queue.tabled.map((row) => [row.case_label, row.practitioner_label, row.tabled_by]),
      })
      : null);
}

function for_leads(queue) {
  const [progress, unassigned] = [queue.progress ?? [], queue.unassigned ?? []];
  if (!progress.length && !unassigned.length) return null;
  return section("The whole service",
    unassigned.length
      ? stacked_table({
        caption: `Cases that nobody is to score yet (${unassigned.length})`,
        head: ["Case", "Practitioner", "What to do"],
        rows: unassigned.map((row) => [row.case_label, row.practitioner_label, row.sentence]),
      })
      : null,
    progress.length
      ? h("details", { class: "ss-more" }, h("summary", null, `Where each of ${plural(progress.length, "rating", "ratings")} stands`),
        stacked_table({
          caption: "States only: no level is shown here",
          head: ["Case", "Rating", "Rater", "State"],
          rows: progress.map((row) => [row.case_label, row.stage_label, row.rater_label || "Nobody yet",
            mark(row.state_label, ...(SHAPES[row.state] ?? ["hollow", "plain"]))]),
        }))
      : null);
}
