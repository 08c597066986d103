// The moderator's decision on one criterion: whose rating holds, and why. It is stored as soon as both are chosen.

import { button, h, text } from "./dom.js";
import { draft } from "./drafts.js";
import { live_text } from "./live.js";
import { radios } from "./screen_parts.js";

const CODES = [["not_applicable", "Not applicable"], ["not_accessible", "Record not accessible"]];

/** Returns the form: {element, choose(choice), reason(code), lock(locked), refused(sentences), stored(entry)}. */
export function decision_form(context, page, row, { decision, flag, words: aside }) {
  const kept = draft(context, `decision|${page.case}|${row.ref}`); // what is no decision yet, such as a note without a reason
  const begun = decision ? null : kept.values;
  const state = begun ?? {
    choice: decision?.choice ?? null,
    other: decision?.choice === "other" ? decision.code || String(decision.level ?? "") : "",
    reason: decision?.reason ?? null,
    note: decision?.note ?? "",
  };
  const line = h("p", { class: "ss-saving", role: "status" });
  const offered = ["a", "b"].filter((side) => row[side] && (row[side].level !== null || row[side].code));
  const other = radios({
    legend: "Which level holds", value: state.other || null,
    options: [...row.levels.map((words, level) => ({ value: String(level), label: `${level} – ${words}` })), ...CODES.map(([value, label]) => ({ value, label }))],
    on_choose: (value) => { state.other = value; put(true); },
  });
  const choice = radios({
    legend: "What holds?", inline: true, value: state.choice,
    options: [...offered.map((side) => [side, `${side.toUpperCase()}: ${short(row[side])}`]), ["other", "Another level"]]
      .map(([value, label]) => ({ value, label, key: context.keys.print(`moderation.${value}`) })),
    on_choose: (value) => { state.choice = value; put(true); },
  });
  const reason = radios({
    legend: "Why?", inline: true, value: state.reason,
    options: page.reasons.map(({ key, code, label }) => ({ value: code, label, key: context.keys.print(`moderation.reason_${key}`) })),
    on_choose: (value) => { state.reason = value; put(true); },
  });
  const note = live_text(context, ["moderated", "note"], {
    label: "Note for the raters (optional)", value: state.note, hint: "Both will read it, to learn from.",
    words: aside, key: `moderated|${row.ref}`, about: `${row.number}. ${row.title}`,
    put: (words, soon) => { state.note = words; put(soon); },
  });

  function complete() {
    return state.choice && state.reason && (state.choice !== "other" || state.other !== "");
  }

  function draw() {
    other.element.hidden = state.choice !== "other";
    line.className = "ss-saving ss-plain";
    if (complete()) return;
    const lacking = [!state.choice && "what holds", state.choice === "other" && state.other === "" && "the level", !state.reason && "why"].filter(Boolean);
    text(line, state.choice || state.reason || state.note ? `Not decided yet: choose ${lacking.join(" and ")}.` : "Not decided yet.");
  }

  function put(soon) {
    draw();
    if (!complete()) return kept.keep(state);
    kept.drop();
    const given = state.choice !== "other" ? {} : /^\d$/.test(state.other) ? { level: Number(state.other) } : { code: state.other };
    text(line, "Saving…");
    context.save.put({
      kind: "moderated", review: page.review, subject: `moderation:${row.ref}`, soon,
      data: { criterion: row.ref, choice: state.choice, ...given, reason: state.reason, note: state.note },
    });
  }

  const flagged = flag_part(context, page, row, flag);
  draw();
  if (complete()) text(line, decision.at ? "Decided and saved." : "Saving…");
  return {
    element: h("div", { class: "ss-decision" }, choice.element, other.element, reason.element, note.element, flagged.element, line),
    choose(value) { if (value !== "other" && !offered.includes(value)) return; choice.set(value); state.choice = value; put(true); choice.focus(); },
    reason(value) { reason.set(value); state.reason = value; put(true); reason.focus(); },
    lock(locked) {
      for (const group of [choice, other, reason]) group.lock(locked);
      note.lock(locked);
      flagged.lock(locked);
    },
    refused(sentences) {
      line.className = "ss-saving ss-bad";
      text(line, `Not saved. ${sentences.join(" ")}`);
    },
    stored(entry) {
      if (entry.kind === "anchor_flagged") return flagged.stored();
      line.className = "ss-saving ss-good";
      text(line, "Decided and saved.");
    },
  };
}

function short(side) {
  return side.level !== null ? `level ${side.level}` : side.code ? CODES.find(([code]) => code === side.code)[1].toLowerCase() : "not scored";
}

/** Returns the way to tell the rubric's author that an anchor can be read in two ways. */
function flag_part(context, page, row, flag) {
  const line = h("p", { class: "ss-saving", role: "status" });
  const note = live_text(context, ["anchor_flagged", "note"], {
    label: "In which two ways can this anchor be read?", value: flag?.note ?? "", hint: "For the rubric's author. It changes no rating.",
    put: (words, soon) => {
      if (!words.trim()) return;
      text(line, "Saving…");
      context.save.put({
        kind: "anchor_flagged", review: page.review, subject: `anchor:${row.ref}`, soon,
        data: { criterion: row.ref, rubric_version: row.rubric_version, note: words },
      });
    },
  });
  const place = h("div", { hidden: !flag }, note.element, line);
  const opener = button("Flag this anchor as unclear", { kind: "quiet" });
  opener.hidden = Boolean(flag);
  opener.addEventListener("click", () => {
    place.hidden = false;
    opener.hidden = true;
    note.control.focus();
  });
  if (flag?.at) text(line, "Flagged for the rubric's author, and saved.");
  return {
    element: h("div", { class: "ss-flag" }, opener, place),
    lock: note.lock,
    stored() { text(line, "Flagged for the rubric's author, and saved."); },
  };
}
