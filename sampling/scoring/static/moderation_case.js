// One case with its two ratings beside each other. The moderator decides where they differ; A's and B's ratings never change. A rater who
// opens their own case afterwards sees their own differences instead.

import { button, focus_heading, h, plural, set_children, text } from "./dom.js";
import { conflicts_part } from "./conflicts.js";
import { follow, know, unsaved_data } from "./live.js";
import { decision_form } from "./moderation_decision.js";
import { learning } from "./moderation_learning.js";
import { anchors, side } from "./moderation_sides.js";
import { screen_words } from "./paste.js";
import { mark, radios, show_failure } from "./screen_parts.js";

const TONES = { agree: "good", differ_1: "plain", differ_2: "warn", differ_kind: "warn", incomplete: "warn" };
const FITS = {
  wide: (row) => row.needs_decision,
  differ: (row) => row.state.startsWith("differ"),
  all: () => true,
  incomplete: (row) => row.state === "incomplete",
};

/** Shows one case. */
export async function show_case(root, context, params) {
  const screen = { root, context, params, off: [], forms: new Map(), filter: null, title: "" };
  screen.aside = screen_words(context, () => screen.title);
  await fill(screen);
  return {
    dispose: () => {
      end(screen);
      screen.aside.close();
    },
    before_leave: screen.aside.leave,
  };
}

function end(screen) {
  for (const off of screen.off) off();
  screen.off = [];
}

async function fill(screen) {
  const { root, context, params } = screen;
  end(screen);
  try {
    const page = await context.api.get(`api/moderation/${params.case}`);
    screen.title = `Moderation: ${page.case_label}`;
    set_children(root, page.view === "learning" ? learning(context, page) : body(screen, page));
    if (page.view !== "learning") begin(screen, page);
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  focus_heading(root);
}

function begin(screen, page) {
  const { context } = screen;
  screen.off.push(
    follow(context, {
      reviews: [page.review],
      refused: (subject, sentences) => screen.forms.get(subject.slice(subject.indexOf(":") + 1))?.refused(sentences),
      stored: (entry) => stored(screen, entry),
      conflict: () => fill(screen),
      lock: (locked) => screen.forms.forEach((form) => form.lock(locked)),
    }),
    context.keys.use(shortcuts(screen, page), screen.root),
  );
}

function shortcuts(screen, page) {
  const here = () => screen.forms.get(document.activeElement?.closest?.("[data-ref]")?.dataset.ref);
  const pick = (id, key, label, run) => ({ id: `moderation.${id}`, keys: [key], label, group: "Moderation", when: () => Boolean(here()), run: () => run(here()) });
  return [
    pick("a", "a", "A's rating holds", (form) => form.choose("a")),
    pick("b", "b", "B's rating holds", (form) => form.choose("b")),
    pick("other", "c", "Choose another level", (form) => form.choose("other")),
    ...page.reasons.map((reason) => pick(`reason_${reason.key}`, reason.key, `Reason: ${reason.label.toLowerCase()}`, (form) => form.reason(reason.code))),
  ];
}

/** After a decision was stored: what the head of the page says, without touching the form that has the focus. */
async function stored(screen, entry) {
  const { context, params } = screen;
  screen.forms.get(entry.subject.slice(entry.subject.indexOf(":") + 1))?.stored(entry);
  if (entry.kind !== "moderated") return;
  try {
    const page = await context.api.get(`api/moderation/${params.case}`);
    if (screen.state && page.view !== "learning") say_state(screen, page);
  } catch {
    // the head then says what it said; the decision itself is stored
  }
}

function say_state(screen, page) {
  const { lead, who, back } = screen.state;
  text(lead, page.to_decide
    ? `${plural(page.to_decide, "criterion is", "criteria are")} still to be decided; ${page.decided} decided.`
    : page.decided ? `Everything is decided (${plural(page.decided, "criterion", "criteria")}). Each rater now sees their own differences.` : "Nothing needs a decision.");
  const named = page.raters.filter((one) => one.name).map((one) => `${one.alias} is ${one.name}`);
  text(who, named.length ? `${named.join(", ")}.` : "Who A and B are is shown when everything is decided.");
  back.classList.toggle("primary", page.complete);
}

function body(screen, page) {
  const { context } = screen;
  screen.forms.clear();
  const single = page.raters.length === 1; // referred by its rater: nothing to compare, and everything to look at
  screen.filter = screen.filter ?? (single ? "all" : page.filter);
  screen.state = {
    lead: h("p", { class: "ss-lead", role: "status" }),
    who: h("p", { class: "sf-muted" }),
    back: button("Back to the list", { run: () => context.go("moderation", {}) }),
  };
  say_state(screen, page);
  const list = h("div", { class: "sf-stack" });
  const count = h("p", { class: "ss-hint", role: "status" });
  const cards = page.criteria.map((row) => [row, criterion(screen, page, row)]);
  const draw = () => {
    const fits = cards.filter(([row]) => FITS[screen.filter](row));
    for (const [row, card] of cards) card.hidden = !FITS[screen.filter](row);
    text(count, fits.length ? `${fits.length} of ${plural(cards.length, "criterion", "criteria")} shown.` : "No criterion is like that. Choose another line above to see the rest.");
  };
  set_children(list, cards.map(([, card]) => card));
  draw();
  return h("div", { class: "sf-page sf-stack ss-screen ss-wide" },
    h("div", { class: "ss-head" },
      h("h1", { tabindex: "-1" }, screen.title),
      screen.state.lead,
      h("p", { class: "sf-muted" }, `${page.practitioner_label}. `, page.agreed_note, " ", page.result_note),
      screen.state.who),
    conflicts_part(context, page.review, page.conflicts, {
      words: (data) => value_words(page, data),
      title: (subject) => page.criteria.find((row) => subject.endsWith(`:${row.ref}`))?.title ?? "Decision",
      read: async () => (await context.api.get(`api/moderation/${screen.params.case}`)).conflicts,
      done: () => fill(screen),
    }),
    radios({
      legend: "Show", inline: true, value: screen.filter,
      options: page.filters.map(({ code, label }) => ({ value: code, label: `${label} (${cards.filter(([row]) => FITS[code](row)).length})` })),
      on_choose: (code) => {
        screen.filter = code;
        draw();
      },
    }).element,
    count,
    list,
    screen.aside.element,
    h("p", null, screen.state.back));
}

function value_words(page, data) {
  if (!data) return "Nothing";
  if (!data.choice) return data.note ?? "";
  const reason = page.reasons.find((one) => one.code === data.reason)?.label ?? "";
  const level = data.level ?? (data.code === "not_applicable" ? "Not applicable" : data.code === "not_accessible" ? "Record not accessible" : "");
  return [`${{ a: "A holds", b: "B holds", other: "Another level" }[data.choice]}: ${level}`, reason, data.note].filter(Boolean).join(". ");
}

function criterion(screen, page, row) {
  const id = `ss-criterion-${row.number}`;
  let form = null;
  if (!page.read_only && (row.state !== "agree" || !row.b)) {
    know(screen.context, page.review, `moderation:${row.ref}`, row.revision);
    know(screen.context, page.review, `anchor:${row.ref}`, row.flag_revision);
    form = decision_form(screen.context, page, row, {
      decision: unsaved_data(screen.context, page.review, `moderation:${row.ref}`) ?? row.decision,
      flag: unsaved_data(screen.context, page.review, `anchor:${row.ref}`) ?? row.flag,
      words: screen.aside.words,
    });
    screen.forms.set(row.ref, form);
  }
  return h("article", { class: "sf-card ss-criterion", "aria-labelledby": id, dataset: { ref: row.ref } },
    h("div", { class: "ss-action-head" },
      h("h2", { id, tabindex: "-1" }, `${row.number}. ${row.title}`, row.critical ? h("span", { class: "ss-critical" }, " Critical") : null),
      mark([row.state_label, row.across_label].filter(Boolean).join(", "), row.shape, row.needs_decision ? "warn" : TONES[row.state])),
    h("p", null, row.question),
    h("div", { class: "ss-sides" }, side("A", row.a), row.b ? side("B", row.b) : h("p", { class: "sf-muted" }, "There is one rating only: this case was referred by its rater.")),
    h("details", { class: "ss-more" }, h("summary", null, "All four levels"), anchors(row)),
    form?.element);
}
