// The keys of the scoring screen. None of them takes anything away that one other key does not bring back.

const LEVELS = [0, 1, 2, 3];
const REASONS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** @param {any} about what the keys act on (score.js) */
export function score_keys({ desk, model, parts, panel, waiting, sign, is_off, context, in_view }) {
  const part = () => parts.get(desk.active);
  const on = (run) => () => !is_off() && run();

  /** A level's key acts while its anchors are on the screen: nobody scores what they cannot read. */
  function level(number) {
    if (!in_view(part())) {
      desk.open(desk.active);
      return context.announce("The levels of this criterion are shown now. Press the key again.");
    }
    desk.rate(desk.active, { level: number }, { onward: true });
  }

  function code(value) {
    if (!in_view(part())) desk.open(desk.active);
    part().ask_reason(value);
  }

  function reason(number) {
    const value = part().pending();
    const chosen = model.payload.choices[value].find((one) => one.key === String(number));
    if (chosen) desk.rate(desk.active, { code: value, reason: chosen.code }, { onward: true });
    else context.announce("There is no reason with that number.");
  }

  const asks = () => part().pending() !== "";
  const score = (name, keys, label, run, more = {}) => ({ id: `score.${name}`, keys, label, run, group: "Scoring", ...more });
  const move = (name, keys, label, run, more = {}) => ({ id: `score.${name}`, keys, label, run, group: "Moving about", ...more });
  const whole = (name, keys, label, run, more = {}) => ({ id: `score.${name}`, keys, label, run, group: "The case", ...more });
  return [
    ...REASONS.map((number) => ({ id: `score.reason_${number}`, keys: [String(number)], label: "", run: on(() => reason(number)), when: asks })),
    ...LEVELS.map((number) => score(`level_${number}`, [String(number)], `Level ${number}, and on to the next criterion`, on(() => level(number)), { when: () => !asks() })),
    score("not_applicable", ["n"], "Not applicable; then the number of the reason", on(() => code("not_applicable"))),
    score("not_accessible", ["x"], "Record not accessible; then the number of the reason", on(() => code("not_accessible"))),
    score("evidence", ["e"], "Point to evidence: quotes what is selected in the record", on(() => desk.add_evidence())),
    score("comment", ["c"], "Comment; where there are phrases, then the number of one", on(() => desk.write_comment())),
    score("action", ["a"], "Add an action; after a gap, the actions that it raises", on(() => desk.raise())),
    score("undo", ["u", "Ctrl+Z"], "Undo", on(desk.undo), { repeats: true }),
    score("redo", ["Shift+U", "Ctrl+Y"], "Redo", on(desk.redo), { repeats: true }),
    move("previous", [",", "k"], "Previous criterion", () => desk.step(-1), { repeats: true }),
    move("next", [".", "j"], "Next criterion", () => desk.step(1), { repeats: true }),
    move("find", ["f"], "Find in the record", () => panel.find()),
    move("leave", ["Esc"], "Out of a field, and back", () => desk.leave(), { in_text: true, fixed: true }),
    whole("park", ["p"], "Park this case, or take it up again", on(() => waiting.park())),
    whole("refer", ["r"], "Refer to the moderator", on(() => waiting.refer())),
    whole("sign", ["Ctrl+Enter"], "Sign off and next", () => (!is_off() || model.payload.sign_as === "supervisee") && sign(), { in_text: true }),
  ];
}
