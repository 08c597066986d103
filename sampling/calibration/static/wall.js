// The wall: what everyone in the room may see, large. It asks for nothing and knows no alias; before the reveal it has only a count.

import { h, text } from "./dom.js";
import { squares } from "./squares.js";
import { follow } from "./follow.js";
import { anchors, area, create_frame, page_of, turn_to } from "./parts.js";
import { criterion_result } from "./results.js";
import { create_timer } from "./timer.js";
import { HOST_WORDS, is_local, join_place, joined_words, locked_words, spaced, step_words } from "./words.js";

const { base, session, api } = page_of();
const frame = create_frame("wall");
const timer = create_timer(api, frame.say);
const count = h("p", { class: "cal-tally" });
const body = area("div", { class: "cal-wall-body" }, draw);
const shown = area("div", { class: "cal-wall-head" }, head);
let drawn = "";

function show(view) {
  const now = `${view.step} ${view.round}`;
  const focused = view.criteria.find((one) => one.ref === view.focus);
  frame.foot(view.sentence);
  shown.show({ step: view.step, round: view.round, title: view.title, rubric: view.rubric, focused, place: view.criteria.indexOf(focused) + 1, all: view.criteria.length, closed: is_closed(view) });
  const { timer_until, joined, locked, active, ...rest } = view;
  body.show(rest);
  tally(view);
  timer.show(timer_until);
  if (now !== drawn) turn_to(frame, step_words(view.step, view.round), shown.element, count, timer.element, body.element);
  drawn = now;
}

function tally(view) {
  const words = view.step === "lobby" ? joined_words(view) : view.step === "scoring" ? locked_words(view) : "";
  count.hidden = !words;
  text(count, words);
  if (words) frame.count(words);
}

const is_closed = (view) => !view.code || view.over;

function head({ step, round, title, rubric, focused, place, all, closed }) {
  const about = [title, rubric.title, step === "lobby" ? "" : step_words(step, round)].filter(Boolean).join(" · ");
  if (step === "lobby") return [h("p", { class: "cal-kicker" }, about), h("h1", null, closed ? "Waiting to begin" : "Join on your telephone or laptop")];
  const number = all > 1 ? `${place} of ${all}: ` : "";
  return [h("p", { class: "cal-kicker" }, about), h("h1", null, `${number}${focused.title}`)];
}

function draw(view) {
  if (view.step === "lobby") return lobby(view);
  const focused = view.criteria.find((one) => one.ref === view.focus);
  const late = view.over ? h("p", { class: "cal-few" }, "The time of this session is over: nobody answers any more.") : null;
  if (view.step === "scoring") return [late, h("p", { class: "cal-question" }, focused.question), anchors(focused, view.rubric.pass_level)];
  if (!view.results.length) return h("p", null, "The session was ended before a round was revealed.");
  return criterion_result(view, view.focus, { heading: "h2" });
}

function lobby(view) {
  if (is_closed(view)) return h("p", { class: "cal-question" }, "Nobody else may join now.");
  const place = join_place(view, base);
  return h("div", { class: "cal-door" },
    h("dl", { class: "cal-door-words" },
      h("div", null, h("dt", null, "Go to"), h("dd", { class: "cal-address" }, place)),
      h("div", null, h("dt", null, "Type the code"), h("dd", { class: "cal-code" }, spaced(view.code)))),
    is_local(place) ? h("p", { class: "cal-few cal-local" }, HOST_WORDS) : squares(api, `api/wall/${session}/squares`, { place, code: view.code, bare: Boolean(view.join_address) }),
    h("dl", { class: "cal-consent" }, h("dt", null, "What is kept"), h("dd", null, view.consent)));
}

function ended(words) {
  drawn = "";
  turn_to(frame, "No session", h("h1", null, "This session is not here"), h("p", null, words));
  return true;
}

follow(api, `api/wall/${session}`, { show, ended, lost: frame.lost, back: frame.back });
