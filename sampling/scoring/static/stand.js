// Two values written from the same starting point: both are shown, both stay in the journal, and a person says which one stands.

import { button, h, moment_words, notice } from "./dom.js";

/**
 * @param {any} conflict {subject, standing: {id, data, actor_label, at}, other: {...}}
 * @param {{words: (data: any) => string, title: string, choose: (mine: boolean) => void}} about `choose` is told whether the later value stands
 */
export function conflict_part(conflict, { words, title, choose }) {
  const side = (value, mine, label) => {
    const who = [value.actor_label, value.at ? moment_words(value.at) : ""].filter(Boolean).join(", ");
    return h(
      "div",
      { class: "sf-value" },
      h("p", { class: "sf-hint" }, `${label}${who ? `: ${who}` : ""}`),
      h("p", null, h("strong", null, words(value.data))),
      button("This one stands", { kind: "small", name: `This one stands: ${words(value.data)}`, run: () => choose(mine) }),
    );
  };
  return notice(
    "warning",
    h("p", null, h("strong", null, `${title}: two values were written.`), " Both are kept. Say which one stands."),
    h("div", { class: "sf-row sf-values" }, side(conflict.standing, false, "Stored first"), side(conflict.other, true, "Written beside it")),
  );
}

/** What the server refused, with the way to take it back. @param {any} error @param {() => void} take_back */
export function refusal_part(error, take_back) {
  const sentences = error.findings.map((one) => one.text).filter(Boolean);
  return notice(
    "error",
    h("p", null, h("strong", null, "Not saved. "), (sentences.length ? sentences : [error.message]).join(" ")),
    h("div", { class: "sf-row" }, button("Take this change back", { kind: "small", run: take_back })),
  );
}
