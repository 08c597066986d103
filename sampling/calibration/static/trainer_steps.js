// The next step: one large button with what it does. What cannot be taken back asks again.

import { button, h, plural } from "./dom.js";
import { ask_again, kept } from "./parts.js";
import { joined_words, locked_words } from "./words.js";

/** Returns the next-step part. @param {any} view @param {(what: string, body: any) => void} run */
export function next_step(view, run) {
  const go = (step, round) => run("step", { step, round });
  const main = large(view, go);
  const finish = view.step === "finished" || view.step === "reference" ? null : kept("finish", button("Finish", { kind: "quiet", run: () => end(view, go) }));
  return [
    h("p", { class: "cal-tally" }, view.step === "scoring" ? locked_words(view) : joined_words(view)),
    main,
    h("div", { class: "sf-row" }, others(view, go), finish),
  ];
}

function large(view, go) {
  if (view.step === "lobby") return step("Start round 1", "Raters then read the case and score it.", () => begin(view, go));
  if (view.step === "scoring") {
    return step(`Reveal (${locked_words(view)})`, "Everyone then sees how many chose each level. No more answers are taken for this round.", () => reveal(view, go));
  }
  if (view.step === "revealed" && view.round < view.rounds) {
    return step("Round 2", "After the talk: everyone scores the same case again. Both rounds are kept.", () => go("scoring", 2));
  }
  if (view.step === "revealed") return step("Show the reference levels", "The levels that the case was written for, with why.", () => go("reference", view.round));
  if (view.step === "reference") return step("Finish", "Ends the session. Its results, the proposals and the record stay here.", () => end(view, go));
  return [h("p", null, "The session is over. What it showed stays here; the record and the proposals can still be written."),
    h("p", null, button("Print this page", { run: () => print() }))];
}

function step(words, does, run) {
  return [h("p", null, kept("next", button(words, { kind: "primary cal-big", run }))), h("p", { class: "sf-hint" }, does)];
}

/** The reference may be shown without a second round. */
function others(view, go) {
  const early = view.step === "revealed" && view.round < view.rounds;
  return early ? kept("reference", button("Show the reference levels", { run: () => skip(view, go) })) : null;
}

async function begin(view, go) {
  const sure = view.joined > 0 || await ask_again({
    title: "Nobody has joined yet", words: "Whoever joins during round 1 can still score it.", yes: "Start all the same",
  });
  if (sure) go("scoring", 1);
}

async function reveal(view, go) {
  const missing = view.active - view.locked;
  const sure = missing <= 0 || view.locked === 0 || await ask_again({
    title: `Reveal with ${locked_words(view)}?`, yes: "Reveal now", no: "Wait",
    words: `${plural(missing, "rater has", "raters have")} not locked. What they chose is then not part of round ${view.round}.`,
  });
  if (sure) go("revealed", view.round);
}

async function skip(view, go) {
  const sure = await ask_again({
    title: "Show the reference levels now?", words: "There can be no second round after the reference was shown.", yes: "Show them",
  });
  if (sure) go("reference", view.round);
}

async function end(view, go) {
  const open = view.step === "scoring" ? " The round that is open is not revealed." : "";
  const sure = await ask_again({ title: "Finish the session?", words: `Nobody can join or answer any more.${open}`, yes: "Finish the session" });
  if (sure) go("finished", Math.max(view.round, 1));
}
