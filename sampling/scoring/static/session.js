// One supervision session, in the order of the form: earlier actions, agenda and cases, reflection, actions and signatures. Every part is
// saved while one works; a skipped step stays visible as skipped.

import { button, focus_heading, h, set_children, text } from "./dom.js";
import { conflicts_part } from "./conflicts.js";

import { follow } from "./live.js";
import { screen_words } from "./paste.js";
import { reply_part } from "./reply_part.js";
import { day_words, mark, section, show_failure } from "./screen_parts.js";
import { described_part, described_words, endorsed_part } from "./session_described.js";
import { agenda_part, discussed_part, prior_part, prompts_part } from "./session_parts.js";
import { actions_part, close_part, copy_part, signatures_part } from "./session_end.js";

const RECORD_SHAPES = { draft: ["begun", "plain"], agreed: ["tick", "good"], disputed: ["unlike", "warn"] };
const PARTS = {
  prior: prior_part, agenda: agenda_part, discussed: discussed_part, endorsed: endorsed_part,
  prompts: prompts_part, actions: actions_part, described: described_part, close: close_part, signatures: signatures_part, copy: copy_part,
};

/** Shows one session. */
export async function show_session(root, context, params) {
  const screen = { root, context, session: params.session, page: null, words: {}, fields: new Map(), off: () => {}, form: null, turn: 0 };
  screen.fill = (at, said) => fill(screen, at, said);
  screen.aside = screen_words(context, () => title_words(screen.page));
  await fill(screen);
  return {
    dispose: () => {
      screen.off();
      screen.aside.close();
    },
    before_leave: () => screen.aside.leave() || (screen.form?.filled() ? "What you typed is not saved, and this browser keeps nothing." : ""),
  };
}

async function fill(screen, at = "", said = "") {
  const { root, context } = screen;
  screen.off();
  screen.off = () => {};
  screen.fields.clear();
  try {
    screen.page = await context.api.get(`api/session/${screen.session}`);
    set_children(root, body(screen));
    screen.off = follow(context, {
      reviews: [screen.session],
      refused: (subject, sentences) => screen.fields.get(subject)?.error(sentences.join(" ")),
      stored: () => refresh(screen),
      conflict: () => fill(screen, "", "Written twice: see the top of the page."),
      lock: (locked) => lock(screen, locked),
    });
  } catch (error) {
    show_failure(root, context, error, () => fill(screen));
  }
  const place = at && root.querySelector(at);
  if (place) place.focus();
  else focus_heading(root);
  if (said) context.announce(said);
}

function lock(screen, locked) {
  for (const control of screen.root.querySelectorAll(".ss-live input, .ss-live textarea, .ss-live select")) {
    if (control.type !== "textarea" && control.type !== "text") control.disabled = locked || screen.page.read_only;
    else control.readOnly = locked || screen.page.read_only;
  }
}

/** After something was stored: the sentences that count, without touching a field. */
async function refresh(screen) {
  const turn = (screen.turn += 1);
  try {
    const page = await screen.context.api.get(`api/session/${screen.session}`);
    if (turn !== screen.turn) return;
    Object.assign(screen.page, { close: page.close, content: page.content, prior_left: page.prior_left });
    say(screen, page);
  } catch {
    // the sentences then say what they said; the page's own line says whether everything is saved
  }
}

function say(screen, page) {
  const { words } = screen;
  for (const [name, sentence] of Object.entries({
    prior: page.prior_words, agenda: page.agenda_words, prompts: page.skipped_words, discussed: page.ratio.words,
    described: page.described.words, close: page.close.message,
  })) if (words[name]) text(words[name], sentence);
}

function body(screen) {
  const { context, page } = screen;
  for (const name of ["prior", "agenda", "prompts", "discussed", "described", "close"]) screen.words[name] = h("p", { class: "ss-count", role: "status" });
  say(screen, page);
  return h("div", { class: "sf-page sf-stack ss-screen" },
    header(page),
    conflicts_part(context, screen.session, page.conflicts, {
      words: (data) => described_words(page, data) || data?.note || data?.finding || "Nothing written",
      title: (subject) => title_of(page, subject),
      read: async () => (await context.api.get(`api/session/${screen.session}`)).conflicts,
      done: () => fill(screen, "", "Saved."),
    }),
    page.stages.map((stage, place) => section(`${place + 1}. ${stage.title}`, stage.parts.map((part) => PARTS[part](screen)))),
    page.reply?.state && page.state === "closed"
      ? section("Reply", reply_part(context, screen.session, page.reply, { done: () => fill(screen, "", "Saved."), words: screen.aside.words }))
      : null,
    screen.aside.element,
    h("p", null, button("Back to the sessions", { run: () => context.go("sessions", {}) })));
}

function title_of(page, subject) {
  const [kind, name] = [subject.slice(0, subject.indexOf(":")), subject.slice(subject.indexOf(":") + 1)];
  const found = {
    agenda: () => page.agenda.find((one) => one.item === name)?.label,
    prompt: () => page.prompts.find((one) => one.prompt === name)?.label,
    prior: () => page.prior.find((one) => one.action === name)?.text,
    discussed: () => page.discussed.find((one) => one.case === name)?.case_label,
  }[kind]?.();
  return found ?? (subject === "described" ? "What the session was" : "This session");
}

function title_words(page) {
  return page ? `Session of ${page.supervisor.name} and ${page.supervisees.map((one) => one.name).join(", ")}` : "";
}

function header(page) {
  return h("div", { class: "ss-head" },
    h("h1", { tabindex: "-1" }, title_words(page)),
    h("p", { class: "ss-lead" }, `${page.kind_label}, ${day_words(page.held_on)}`),
    h("p", { class: "sf-row" }, mark(page.record_label, ...RECORD_SHAPES[page.record_state]),
      h("span", null, page.record_words), h("span", { class: "sf-muted" }, page.coverage_words)),
    page.private_words ? h("p", { class: "ss-note" }, page.private_words) : null);
}

