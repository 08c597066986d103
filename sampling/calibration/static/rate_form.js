// The form of a round: each criterion with its four anchors, one at a time or all in a list. Nothing is chosen beforehand.

import { button, h, plural, set_children, text, unique_id } from "./dom.js";
import { one_line, stands_in, taken_selection } from "./case.js";
import { describe, fault_of, radios, tick } from "./parts.js";
import { CODES } from "./words.js";

const QUOTE = 200; // characters that the journal takes of a quote
const LOCKED = "Your answers are locked: they count at the reveal. You can unlock them until the round is closed.";
const OPEN = "Lock your answers when you are done. Only locked answers are shown at the reveal.";
const NOT_CHOSEN = "Choose a level here, or say why there is none.";

/**
 * Returns the form {element, fill}; `fill()` shows the answers as they stand now.
 * @param {{view: any, answers: any, line: any, say: (words: string) => void}} about
 */
export function create_form({ view, answers, line, say }) {
  const refs = view.criteria.map((one) => one.ref);
  const parts = view.criteria.map((one, place) => create_part({ view, criterion: one, place, answers, filled: () => fill() }));
  const several = refs.length > 1;
  const state = { at: 0, all: !several, keys: true };
  const count = h("p", { class: "cal-done" });
  const place = h("p", { class: "cal-place" });
  const lock = button("", { run: press_lock, kind: "primary cal-big" });
  const told = h("p", { class: "cal-told" });
  const steps = h("div", { class: "sf-row cal-steps" }, button("Previous", { run: () => move(-1) }), place, button("Next", { run: () => move(1) }));
  const element = h("form", { class: "cal-answers", id: "criteria", novalidate: true, "aria-label": "Your answers", on: { keydown: key, submit: (event) => event.preventDefault() } },
    several ? choices() : key_tick(),
    parts.map((one) => one.element),
    several ? steps : null,
    h("div", { class: "cal-lock" }, h("div", { class: "sf-row" }, lock, count, line.element), told));

  function choices() {
    const how = radios({
      legend: "Show the criteria", value: "one",
      options: [{ value: "one", label: "One at a time" }, { value: "all", label: "All in a list" }],
      on_choose: (value) => {
        state.all = value === "all";
        fill();
      },
    });
    how.element.classList.add("cal-inline");
    return h("div", { class: "cal-form-head" }, how.element, key_tick());
  }

  function key_tick() {
    return tick("Keys 0 to 3 choose a level and go on", { checked: true, run: (on) => { state.keys = on; } }).element;
  }

  function fill() {
    parts.forEach((one, number) => {
      one.element.hidden = !state.all && number !== state.at;
      one.fill();
    });
    steps.hidden = state.all;
    const scored = refs.length - answers.missing(refs).length;
    text(place, `${state.at + 1} of ${refs.length}`);
    text(count, `${scored} of ${plural(refs.length, "criterion", "criteria")} scored`);
    text(lock, answers.locked ? "Unlock my answers" : "Lock my answers");
    text(told, answers.locked ? (answers.stored ? LOCKED : "Not locked yet: the server has not answered.") : OPEN);
    element.classList.toggle("cal-is-locked", answers.locked);
  }

  function go(number) {
    state.at = number;
    fill();
    parts[number].focus();
  }

  function move(by) {
    const number = state.at + by;
    if (number < 0 || number >= parts.length) return say(by < 0 ? "This is the first criterion." : "This is the last criterion.");
    go(number);
  }

  function press_lock() {
    if (answers.locked) {
      answers.lock(false);
      return fill();
    }
    const [missing] = answers.missing(refs);
    if (missing) {
      const number = refs.indexOf(missing);
      go(number);
      return parts[number].error(NOT_CHOSEN);
    }
    answers.lock(true);
    fill();
  }

  /** A digit chooses and goes on; it acts with the focus in this form, and never while someone types. */
  function key(event) {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.repeat;
    const typing = event.target instanceof HTMLTextAreaElement;
    if (!state.keys || !plain || typing || !/^[0-3]$/.test(event.key)) return;
    event.preventDefault();
    if (answers.locked) return say("Your answers are locked. Unlock them to change one.");
    const number = several && state.all ? parts.findIndex((one) => one.element.contains(event.target)) : state.at;
    if (number < 0) return say("Go to a criterion first.");
    parts[number].choose(Number(event.key));
    if (number + 1 < parts.length) go(number + 1);
    else lock.focus();
  }

  fill();
  return { element, fill };
}

function create_part({ view, criterion, place, answers, filled }) {
  const name = unique_id("level");
  const { ref, levels } = criterion;
  const wrong = h("p", { class: "sf-error", id: unique_id("error"), hidden: true });
  const heading = h("h3", { tabindex: "-1" }, `${place + 1}. ${criterion.title}`);
  const quoted = quote_part({ view, ref, answers, filled, to_level: () => inputs[0].focus() });
  const one = (value, label, chosen) => h("label", { class: "cal-option cal-anchor" },
    h("input", { type: "radio", name, value, on: { change: () => choose(chosen) } }), label);
  const element = h("fieldset", { class: "cal-criterion" },
    h("legend", null, heading, criterion.critical ? h("span", { class: "cal-critical" }, "‡ Critical") : null),
    h("p", null, criterion.question),
    criterion.note ? h("p", { class: "sf-hint" }, criterion.note) : null,
    wrong,
    h("div", { class: "cal-options" },
      levels.map((words, level) => one(String(level), h("span", { class: "cal-level" }, h("b", { class: "cal-number" }, String(level)), h("span", null, words)), level)),
      Object.entries(CODES).map(([code, words]) => one(code, h("span", null, words), code))),
    quoted.element);
  const inputs = [...element.querySelectorAll("input[type=radio]")];

  function choose(chosen) {
    answers.choose(ref, typeof chosen === "number" ? { level: chosen, code: null } : { level: null, code: chosen });
    error("");
    filled();
  }

  function error(words) {
    wrong.hidden = !words;
    text(wrong, words ? `Error: ${words}` : "");
    describe(inputs, wrong, words);
  }

  return {
    element,
    choose,
    error,
    focus: () => heading.focus(),
    fill() {
      const now = answers.of(ref);
      const value = now ? String(now.level ?? now.code) : "";
      for (const input of inputs) {
        input.checked = input.value === value;
        input.disabled = answers.locked;
      }
      quoted.fill();
    },
  };
}

/** Offering words of the case: those that are selected, or typed as they stand there by whoever selects with difficulty. */
function quote_part({ view, ref, answers, filled, to_level }) {
  const shown = h("p", { class: "cal-quote" });
  const typed = h("textarea", { rows: "2", maxlength: "2000", id: unique_id("quote") });
  const wrong = fault_of(typed);
  const typing = h("div", { class: "cal-stack cal-typing", hidden: true },
    h("label", { for: typed.id }, "Words of the case, as they stand there"),
    h("p", { class: "sf-hint" }, `Select them in the case and press “Offer a quote”, or type them here: at most ${QUOTE} characters.`),
    typed, wrong.element,
    h("div", { class: "sf-row" }, button("Offer these words", { run: () => take(one_line(typed.value)) }), button("Cancel", { run: () => shut(), kind: "quiet" })));
  const offer = button("Offer a quote", { run: press, kind: "quiet" });
  const early = fault_of(offer);
  const element = h("div", { class: "cal-offer" }, shown, offer, early.element, typing);

  function press() {
    early.say("");
    if (!answers.of(ref)) {
      early.say("Choose a level first, then offer the words behind it.");
      return to_level();
    }
    const words = taken_selection();
    if (words) return take(words);
    typing.hidden = false;
    typed.focus();
  }

  /** Stores a quote, or says why not, beside the field that holds its words. */
  function take(words) {
    const why = fault(words);
    if (!why) {
      answers.quote(ref, words);
      return shut();
    }
    typing.hidden = false;
    typed.value ||= words;
    wrong.say(why);
    typed.focus();
  }

  function fault(words) {
    if (!words) return "Select or type some words of the case first.";
    if (words.length > QUOTE) return `A quote has at most ${QUOTE} characters; these are ${words.length}. Use fewer.`;
    return stands_in(view.case, words) ? "" : "These words do not stand in one document of the case as they are.";
  }

  function shut() {
    typing.hidden = true;
    typed.value = "";
    wrong.say("");
    filled();
    (shown.querySelector("button") ?? offer).focus();
  }

  function remove() {
    answers.quote(ref, "");
    filled();
    offer.focus();
  }

  return {
    element,
    fill() {
      const words = answers.of(ref)?.quote ?? "";
      if (answers.of(ref)) early.say("");
      const coded = words && answers.of(ref).level === null ? " It is shown by level, and so not with this answer." : "";
      if (shown.dataset.words !== words + coded + answers.locked) {
        shown.dataset.words = words + coded + answers.locked;
        set_children(shown, words ? ["You offer: ", h("q", null, words), coded, " ",
          answers.locked ? null : button("Remove", { run: remove, kind: "small", name: "Remove the quote" })] : []);
      }
      shown.hidden = !words;
      offer.hidden = Boolean(words) || answers.locked;
    },
  };
}
