// One rater's page: waiting, scoring, and after the reveal what the group chose. Everything comes from the server, so a reload loses nothing.

import { h } from "./dom.js";
import { create_answers } from "./answers.js";
import { case_part } from "./case.js";
import { follow } from "./follow.js";
import { create_frame, opens, page_of, save_line, turn_to } from "./parts.js";
import { create_form } from "./rate_form.js";
import { criterion_result } from "./results.js";
import { answer_words, step_words } from "./words.js";

const { base, session, api } = page_of();
const frame = create_frame("rate");
const line = save_line();
const answers = create_answers(api, session, { line, changed: () => form?.fill() });
let form = null;
let drawn = "";

/** Which screen a view asks for. */
function screen_of(view) {
  if (view.me.removed) return "removed";
  if (view.over && ["lobby", "scoring"].includes(view.step)) return "over";
  if (view.step === "lobby") return "lobby";
  if (view.step === "scoring") return view.round >= view.me.from_round ? "scoring" : "waiting";
  return view.step !== "finished" && view.results.length === 0 ? "waiting" : "results";
}

function show(view) {
  const screen = screen_of(view);
  frame.foot(view.sentence);
  if (screen === "scoring") answers.adopt(view);
  const now = screen === "scoring" ? `scoring ${view.round}` : JSON.stringify([screen, { ...view, over: screen === "over", me: screen === "results" ? view.me : view.me.alias }]);
  if (now === drawn) return;
  drawn = now;
  form = null;
  ({ removed, over, lobby, scoring, waiting, results })[screen](view);
}

const about = (view) => h("p", { class: "cal-kicker" }, `${view.title} · you are ${view.me.alias}`);

function lobby(view) {
  turn_to(frame, "Waiting", about(view), h("h1", null, "You are in. Wait for the trainer to begin."),
    h("p", null, "The case appears here when round 1 begins. You need not do anything: this page changes by itself."),
    h("section", { class: "sf-card" }, h("h2", null, "What is kept"), h("p", null, view.consent)));
}

/** The session's time has passed: the server takes nothing any more, and a round that is open may still be revealed. */
function over(view) {
  const locked = view.me.rounds[String(view.round)]?.locked;
  turn_to(frame, "The time is over", about(view), h("h1", null, "The time of this session is over"),
    h("p", null, "Nobody can join or answer any more."),
    answers.failing ? h("p", { class: "cal-few" }, "What you chose last was not stored.") : null,
    view.step === "scoring" ? h("p", null, locked ? `Your answers of round ${view.round} are locked. They count if the trainer still reveals the round, which this page then shows.`
      : `You had not locked your answers of round ${view.round}, so they do not count.`) : null);
}

function waiting(view) {
  turn_to(frame, "Waiting", about(view), h("h1", null, "You take part from round 2"),
    h("p", null, "You joined after round 1 had ended, so what it showed is not shown here: score with fresh eyes in round 2. Read the case meanwhile."),
    view.case ? case_part(view.case) : null);
}

function scoring(view) {
  form = create_form({ view, answers, line, say: frame.say });
  turn_to(frame, step_words(view.step, view.round),
    about(view),
    h("h1", null, view.round === 1 ? "Round 1: read and score" : "Round 2: score the same case again"),
    h("p", null, "Score alone. Nobody sees what you choose before the trainer reveals the round, and then only how many chose each level."),
    h("nav", { class: "cal-jump", "aria-label": "On this page" }, h("a", { href: "#case" }, "The case"), h("a", { href: "#criteria-heading" }, "Your answers")),
    h("div", { class: "cal-desk" }, case_part(view.case),
      h("section", { class: "cal-side", "aria-labelledby": "criteria-heading" },
        h("h2", { id: "criteria-heading", tabindex: "-1" }, `Your answers: ${view.rubric.title}`), form.element)));
}

function results(view) {
  const finished = view.step === "finished";
  const heading = finished ? "The session is over" : step_words(view.step, view.round);
  const mine = (ref) => (round) => {
    const found = view.me.rounds[String(round)];
    return found?.locked ? found.answers[ref] : undefined;
  };
  turn_to(frame, heading, about(view), h("h1", null, heading),
    answers.failing ? h("p", { class: "cal-few" }, "What you chose last was not stored: the round was closed meanwhile.") : null,
    Object.values(view.me.rounds).some((one) => one.locked) ? h("p", null, "Your own dot is ringed, on this page alone.") : null,
    view.criteria.map((one, place) => h("section", { class: "sf-card cal-shown" },
      h("h2", null, `${place + 1}. ${one.title}`), paired(view, mine(one.ref)),
      criterion_result(view, one.ref, { own: mine(one.ref) }))),
    finished ? h("p", null, "Nothing more is asked of you. You can close this page.") : null,
    view.case ? opens("case", "Read the case again", case_part(view.case)) : null);
}

/** One's own levels of both rounds beside each other, once both are revealed. */
function paired(view, mine) {
  if (!view.changes.length) return null;
  return h("p", { class: "cal-paired" }, "You: ", [1, 2].map((round) => [round === 2 ? ", then " : "", h("b", null, answer_words(mine(round))), ` in round ${round}`]), ".");
}

const to_join = () => h("p", null, h("a", { class: "sf-button", href: `${base}join` }, "Join with the code"));

function removed() {
  turn_to(frame, "Not in the session", h("h1", null, "You are not in the session any more"),
    h("p", null, "The trainer has taken this page out of the session, for instance because someone joined twice. What it answered counts nowhere."), to_join());
}

/** The server does not know this page: it has not joined, or its cookie is gone. */
function ended(words) {
  drawn = "";
  turn_to(frame, "Not in the session", h("h1", null, "This page is not in the session"), h("p", null, words), to_join());
  return false;
}

follow(api, `api/rate/${session}`, {
  show,
  ended,
  lost: frame.lost,
  back: () => {
    frame.back();
    answers.retry();
  },
});
