// The phrase bank: comments worth using again, by criterion. A key and a number put one in.

import { button, h, new_id, set_children, text } from "./dom.js";

const MOST = 9; // one digit each
const LONGEST = 200;

/** @param {{context: any, model: any, ref: string, area: HTMLTextAreaElement, insert: (words: string) => void}} about */
export function create_phrases({ context, model, ref, area, insert }) {
  const bank = () => model.payload.phrases[ref] ?? [];
  const element = h("div", { class: "sf-phrases", role: "group", "aria-label": "Phrases", hidden: true });
  const keep = button("Keep as a phrase…", { kind: "quiet small", run: ask_keep });
  let release = null;

  /** Shows the phrases with their numbers; tells whether there are any. */
  function open() {
    const shown = bank().slice(0, MOST);
    if (shown.length === 0) return false;
    const row = (phrase, place) => button(phrase.text, { kind: "quiet small sf-phrase", key: String(place + 1), run: () => take(phrase.text) });
    const write = button("Write instead", { kind: "quiet small", key: context.keys.label("score.comment"), run: () => take("") });
    set_children(element, shown.map(row), write);
    element.hidden = false;
    element.querySelector("button").focus();
    release?.();
    release = context.keys.use([
      ...shown.map((phrase, place) => ({ id: `phrase.${place}`, keys: [String(place + 1)], label: "", run: () => take(phrase.text) })),
      { id: "phrase.write", keys: [context.keys.label("score.comment") || "c"], label: "", run: () => take("") },
    ]);
    element.addEventListener("focusout", left);
    return true;
  }

  function left(event) {
    if (!element.contains(event.relatedTarget)) close();
  }

  function close() {
    release?.();
    release = null;
    element.removeEventListener("focusout", left);
    element.hidden = true;
  }

  function take(words) {
    close();
    if (words) insert(words);
    else area.focus();
  }

  async function ask_keep() {
    const words = Array.from(area.value.trim().replace(/\s+/g, " ")).slice(0, LONGEST).join("");
    if (!words) {
      area.focus();
      return context.announce("Write the comment first, and then keep it.");
    }
    const shared = h("input", { type: "checkbox", id: `${area.id}-shared` });
    const warning = "A phrase is shown with every case. Keep no name and nothing of this person in it.";
    const said = h("p", { class: "sf-quoted" }, words);
    const body = h("div", { class: "sf-stack" }, said, h("p", null, warning), h("p", { class: "sf-check" }, shared, h("label", { for: shared.id }, "Offer it to everyone who scores here")));
    const buttons = [{ label: "Keep it", value: true, primary: true }, { label: "Cancel", value: false }];
    if (!(await context.dialog({ title: "Keep as a phrase?", body, buttons }))) return;
    context.save.put({ kind: "phrase_kept", review: model.payload.review, subject: `phrase:${new_id()}`, data: { criterion: ref, text: words, shared: shared.checked } });
    model.payload.phrases[ref] = [...bank(), { text: words, shared: shared.checked }];
    context.announce("Kept as a phrase.");
  }

  return {
    element,
    keep,
    open,
    draw: ({ off }) => {
      keep.hidden = off || !model.policy.text_kept || !area.value.trim();
      text(keep, "Keep as a phrase…");
    },
  };
}
