// The trainer before a session: a vignette, a rubric, its criteria; and the sessions so far.

import { and_words, date_words, h, moment_words, plural, select, set_children, table, text } from "./dom.js";
import { radios, tick, turn_to } from "./parts.js";

const SETTINGS = { adult: "Adults", children: "Children" };
const STEPS = {
  lobby: "Waiting to begin", scoring: "A round is being scored", revealed: "A round is revealed", reference: "Reference levels are shown", finished: "Finished",
};
const ALL = "all";

/** Shows the lobby. @param {{base: string, api: any}} page @param {any} frame @param {any} lobby the answer of api/lobby */
export function show_lobby({ base, api }, frame, lobby) {
  const chosen = { case: null, rubric: null, criteria: ALL };
  const rest = h("div", { class: "cal-stack" });
  const problem = h("p", { class: "sf-error", role: "alert" });
  const auto = tick("Reveal by itself as soon as everyone has locked");
  const cases = radios({ legend: "Vignette", options: [], on_choose: choose_case });
  const settings = [ALL, ...new Set(lobby.vignettes.map((one) => one.setting))];
  const setting = radios({
    legend: "Show vignettes for", value: ALL, on_choose: fill_cases,
    options: settings.map((one) => ({ value: one, label: one === ALL ? "All" : (SETTINGS[one] ?? one) })),
  });
  setting.element.classList.add("cal-inline");
  cases.element.classList.add("cal-cards");

  function fill_cases() {
    const offered = lobby.vignettes.filter((one) => [ALL, one.setting].includes(setting.value || ALL));
    if (!offered.includes(chosen.case)) Object.assign(chosen, { case: null, rubric: null });
    cases.fill(offered.map((one) => ({ value: one.id, label: one.title, hint: about(one) })), chosen.case?.id);
    fill_rest();
  }

  const about = (one) => [
    `${SETTINGS[one.setting] ?? one.setting} · ${plural(one.minutes, "minute", "minutes")} to read`, one.due ? `Due as an anchor · last used ${date_words(one.due)}` : "",
  ].filter(Boolean).join(" · ");

  function choose_case(id) {
    chosen.case = lobby.vignettes.find((one) => one.id === id);
    cases.error("");
    choose_rubric(chosen.case.rubrics[0]?.id);
  }

  function choose_rubric(id) {
    chosen.rubric = chosen.case.rubrics.find((one) => one.id === id) ?? null;
    chosen.criteria = ALL;
    fill_rest();
  }

  function fill_rest() {
    set_children(rest, chosen.rubric ? [rubric_choice(chosen, choose_rubric), criteria_choice(chosen)] : h("p", { class: "sf-hint" }, "Choose a vignette; its rubrics and criteria then follow."));
  }

  async function open(event) {
    event.preventDefault();
    text(problem, "");
    if (!chosen.rubric) {
      cases.error("Choose a vignette.");
      return cases.focus();
    }
    const criteria = chosen.criteria === ALL ? chosen.rubric.criteria.map((one) => one.ref) : [chosen.criteria];
    try {
      const done = await api.post("api/lobby", { vignette: chosen.case.id, criteria, auto_reveal: auto.input.checked });
      document.location.assign(`${base}trainer/${done.session}`);
    } catch (error) {
      text(problem, error.message);
    }
  }

  fill_cases();
  frame.foot(lobby.sentence);
  turn_to(frame, "Trainer",
    h("p", { class: "cal-kicker" }, "Calibration"),
    h("h1", null, "Open a session"),
    h("p", null, "A group reads one invented case and scores it, each alone. You reveal how many chose each level, the group talks, and scores once more."),
    anchors(lobby.anchors),
    h("form", { class: "cal-form", novalidate: true, on: { submit: open } }, setting.element, cases.element, rest, auto.element, problem,
      h("p", null, h("button", { type: "submit", class: "sf-button primary cal-big" }, "Open session"))),
    h("section", null, h("h2", null, "Sessions so far"), sessions(base, lobby.sessions)));
}

/** Vignettes that come back show whether thresholds hold. @param {{until: string, needed: number, due: string[], back: string[]}} found */
function anchors(found) {
  const done = found.back.length ? ` Back already: ${and_words(found.back)}.` : "";
  if (!found.due.length) return found.back.length ? h("p", { class: "cal-note" }, `Anchors of this cycle, until ${date_words(found.until)}: none is due.${done}`) : null;
  return h("p", { class: "cal-note" }, `Due as anchors until ${date_words(found.until)}: ${and_words(found.due)}. A vignette that comes back shows whether thresholds hold.${done}`);
}

function rubric_choice(chosen, choose) {
  if (chosen.case.rubrics.length === 1) return h("p", null, h("b", null, "Rubric: "), `${chosen.rubric.title} ${chosen.rubric.version}`);
  return radios({
    legend: "Rubric", value: chosen.rubric.id, on_choose: choose,
    options: chosen.case.rubrics.map((one) => ({ value: one.id, label: `${one.title} ${one.version}` })),
  }).element;
}

function criteria_choice(chosen) {
  const { criteria } = chosen.rubric;
  const control = select([{ code: ALL, label: `All ${criteria.length} criteria` }, ...criteria.map((one) => ({ code: one.ref, label: `Only: ${one.title}` }))], { value: chosen.criteria });
  control.id = "criteria";
  control.addEventListener("change", () => { chosen.criteria = control.value; });
  return h("div", { class: "sf-field cal-short" }, h("label", { for: "criteria" }, "What the group scores"), control);
}

function sessions(base, found) {
  if (!found.length) return h("p", { class: "sf-hint" }, "There is none yet.");
  return table({
    caption: "The newest first",
    head: ["Opened", "Vignette", "Criteria", "Raters", "Where it stands", "Session"],
    rows: found.map((one) => [
      moment_words(one.at), one.title, String(one.criteria), String(one.raters),
      one.open || one.step === "finished" ? STEPS[one.step] : "Its time is over",
      h("a", { href: `${base}trainer/${one.session}`, "aria-label": `${one.open ? "Go back in" : "View"}: ${one.title}, ${moment_words(one.at)}` }, one.open ? "Go back in" : "View"),
    ]),
  });
}
