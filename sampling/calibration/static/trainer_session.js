// The trainer's page in a session. Each part is drawn again only when what it shows has changed, so that nobody is thrown out of a field.

import { button, h, moment_words, select, set_children, text } from "./dom.js";
import { case_part } from "./case.js";
import { follow } from "./follow.js";
import { area, ask_again, kept, opens, tick, turn_to } from "./parts.js";
import { create_proposals } from "./proposals.js";
import { create_record } from "./record.js";
import { criterion_result } from "./results.js";
import { create_timer } from "./timer.js";
import { next_step } from "./trainer_steps.js";
import { evidence_lines, spread_table } from "./trainer_talk.js";
import { HOST_WORDS, is_local, join_place, joined_words, locked_words, spaced, step_words } from "./words.js";

const SIGNED_OUT = "This page is not signed in, for instance because the program was started again. In this browser, open the address that it printed, or run the notebook again: then this page goes on by itself.";

/** Follows a session and shows it. @param {{base: string, session: string, api: any}} page @param {any} frame */
export function create_session(page, frame) {
  const { base, session, api } = page;
  const problem = h("p", { class: "sf-error cal-problem", role: "alert" });
  const heading = h("h1", { tabindex: "-1" });
  const about = h("p", { class: "cal-kicker" });
  const timer = create_timer(api, frame.say);
  const proposals = create_proposals(page);
  const record = create_record(page, frame);
  let step = "";

  /** Does something, and says in words why it could not be done. */
  async function run(what, body) {
    text(problem, "");
    try {
      await api.post(`api/trainer/${session}/${what}`, body);
    } catch (error) {
      text(problem, error.status ? error.message : `${error.message} Nothing was changed. Try again.`);
    }
  }

  const parts = {
    next: area("section", { class: "sf-card cal-next", "aria-label": "The next step" }, (view) => next_step(view, run)),
    doors: area("section", { class: "sf-card" }, (view) => doors(view, { base, run })),
    people: area("section", { class: "sf-card" }, (view) => people(view, run)),
    wall: area("section", { class: "sf-card cal-stack" }, (view) => wall_control(view, { run, timer })),
    shown: area("section", { class: "sf-card cal-shown" }, (view) => shown(view)),
    talk: area("section", { class: "sf-card" }, evidence_lines),
    spread: area("section", { class: "sf-card" }, (view) => spread_table(view, run)),
    read: area("div", null, (view) => opens("case", "Read the case as raters read it", case_part(view.case))),
  };
  const after = [parts.shown, parts.talk, parts.spread, proposals, record];

  const left = h("div", { class: "cal-stack" });
  const right = h("div", { class: "cal-stack" });

  function build() {
    set_children(frame.main, about, heading, problem,
      h("div", { class: "cal-columns" }, left, right));
    set_children(left, parts.next.element, after.map((one) => one.element));
    set_children(right, parts.wall.element, parts.doors.element, parts.read.element, h("p", null, h("a", { href: base }, "All sessions")));
  }

  /** Who has joined stands in the middle of the page until there are results to look at. */
  function place_people(revealed) {
    const before = revealed ? parts.read.element : parts.shown.element;
    if (before.previousElementSibling !== parts.people.element) before.before(parts.people.element);
  }

  function show(view) {
    if (!heading.isConnected) build();
    const revealed = view.results.length > 0;
    for (const part of after) part.element.hidden = !revealed;
    place_people(revealed);
    const now = `${view.step} ${view.round}`;
    text(about, `${view.title} · ${view.rubric.title} ${view.rubric.version}`);
    text(heading, step_words(view.step, view.round));
    draw(view, revealed);
    timer.show(view.timer_until);
    frame.foot(view.sentence);
    frame.count(view.step === "scoring" ? locked_words(view) : view.step === "lobby" ? joined_words(view) : "");
    if (now !== step) moved(view);
    step = now;
  }

  function draw(view, revealed) {
    const { code, may_join, join_address, raters, criteria, focus, rounds, joined, locked, active, results, ...rest } = view;
    parts.next.show({ step: view.step, round: view.round, joined, locked, active, rounds, revealed });
    parts.doors.show({ code, may_join, join_address, over: view.over, wall: view.wall, until: view.until, finished: view.step === "finished" });
    parts.people.show({ raters, scoring: view.step === "scoring", round: view.round, fixed: revealed || view.step === "finished" });
    parts.wall.show({ criteria, focus, step: view.step, talk_seconds: view.talk_seconds });
    parts.read.show({ case: view.case });
    if (!revealed) return;
    const { record: _, record_revision: __, proposals: ___, timer_until, case: ____, over: _____, ...still } = rest;
    parts.shown.show({ ...still, criteria, focus, results });
    parts.talk.show({ results, focus, rubric: view.rubric, criteria });
    parts.spread.show({ results, criteria, focus, rubric: view.rubric });
    proposals.take(view);
    record.take(view);
  }

  /** Another step: the focus goes to its heading, but never away from what someone is writing. */
  function moved(view) {
    frame.title(step_words(view.step, view.round));
    if (document.activeElement?.matches("textarea, input[type=text], input[type=date]")) frame.say(step_words(view.step, view.round));
    else heading.focus();
  }

  function ended(words) {
    if (heading.isConnected) frame.lost(SIGNED_OUT);
    else turn_to(frame, "Trainer", h("h1", null, "This session cannot be shown"), h("p", null, words), h("p", null, SIGNED_OUT));
    return true;
  }

  follow(api, `api/trainer/${session}`, {
    show, ended, lost: frame.lost,
    back: () => {
      frame.back();
      record.retry();
    },
  });
}

function doors(view, { base, run }) {
  const place = join_place(view, base);
  if (view.finished) return [h("h2", null, "The wall"), h("p", null, h("a", { href: `${base}wall/${view.wall}`, target: "_blank", rel: "noopener" }, "Open the wall (in a new tab)"))];
  return [
    h("h2", null, "Three pages"),
    h("dl", { class: "cal-pages" },
      h("div", null, h("dt", null, "Wall"), h("dd", null,
        h("a", { href: `${base}wall/${view.wall}`, target: "_blank", rel: "noopener", dataset: { keep: "wall" } }, "Open the wall (in a new tab)"), " and show that tab to the room.")),
      h("div", null, h("dt", null, "Raters"), h("dd", null, "go to ", h("b", { class: "cal-address" }, place),
        view.code ? [" and type ", h("b", { class: "cal-code" }, spaced(view.code))] : ". Nobody else may join.")),
      h("div", null, h("dt", null, "You"), h("dd", null, "stay here. Keep this page to yourself: it shows aliases."))),
    view.over ? h("p", { class: "cal-few" }, `The time of this session was over at ${moment_words(view.until)}: nobody joins or answers any more. What was locked can still be revealed.`)
      : h("p", null, `Open for joining and scoring until ${moment_words(view.until)}.`),
    is_local(place) ? h("p", { class: "sf-hint" }, HOST_WORDS) : null,
    tick("Nobody else may join", { checked: !view.may_join, keep: "joining", run: (on) => run("joining", { allowed: !on }) }).element,
  ];
}

function people(view, run) {
  const remove = async (one) => {
    const sure = await ask_again({
      title: `Remove ${one.alias}?`, yes: `Remove ${one.alias}`,
      words: "Their answers then count nowhere, and their page is out of the session. They can join again with the code, under another alias.",
    });
    if (sure) run("remove", { handle: one.handle });
  };
  const state = (one) => {
    if (view.round && one.from_round > Math.max(view.round, 1)) return "takes part from round 2";
    if (!view.scoring) return "";
    return one.locked ? "✓ locked" : "– not locked yet";
  };
  return [
    h("h2", null, `Joined: ${view.raters.length}`),
    view.raters.length ? h("ul", { class: "sf-plain cal-people" }, view.raters.map((one) => h("li", null,
      h("span", null, h("b", null, one.alias), " ", h("span", { class: "cal-person-state" }, state(one))),
      view.fixed ? null : kept(`remove ${one.handle}`, button("Remove", { kind: "quiet small", name: `Remove ${one.alias}`, run: () => remove(one) }))))) : h("p", { class: "sf-hint" }, "Nobody yet."),
  ];
}

function wall_control(view, { run, timer }) {
  const control = select(view.criteria.map((one, place) => ({ code: one.ref, label: `${place + 1}. ${one.title}` })), { value: view.focus });
  control.id = "focus";
  control.dataset.keep = "focus";
  control.addEventListener("change", () => run("focus", { ref: control.value }));
  const talk = ["revealed", "reference"].includes(view.step);
  return [
    h("h2", null, "On the wall"),
    h("div", { class: "sf-field" }, h("label", { for: "focus" }, "Criterion that the wall shows"), control),
    talk ? h("div", { class: "sf-row" },
      button(`Start ${view.talk_seconds} seconds to talk`, { run: () => run("timer", { seconds: view.talk_seconds }) }),
      button("Stop the timer", { kind: "quiet", run: () => run("timer", { seconds: 0 }) })) : null,
    timer.element,
  ];
}

function shown(view) {
  const found = view.criteria.find((one) => one.ref === view.focus);
  return [h("h2", null, found.title), criterion_result(view, view.focus)];
}
