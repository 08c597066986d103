// Raising actions: an action without an owner and a due date is none.

import { day_after, field, h, select } from "./dom.js";

/** Asks for one action, with the proposal filled in, and hands it to `store`. Returns whether it was raised. */
export async function ask_action(context, { review, proposal, store }) {
  const kind = field({ label: "What kind of action", control: select(review.choices.action_kinds, { value: proposal.action_kind }) });
  const words = field({ label: "What will be done", hint: "Specific and checkable: who could tell that it was done?", control: h("textarea", { rows: "2", value: proposal.text || "" }) });
  const owners = review.choices.owners.map((one) => ({ code: one.label, label: one.label }));
  const owner = field({ label: "Owner", control: select(owners, { value: proposal.owner ?? owners[0]?.code ?? "", empty: "Choose who" }) });
  const due = field({ label: "Due date", control: h("input", { type: "date", value: proposal.due || day_after(review.today, review.policy.review_after_days) }) });
  const again = field({ label: "Review date", hint: "When someone looks whether it is in the record", control: h("input", { type: "date", value: proposal.review_date || day_after(review.today, review.policy.review_after_days) }) });
  function check() {
    words.error(words.control.value.trim() ? "" : "Say what will be done.");
    owner.error(owner.control.value ? "" : "An action needs an owner.");
    due.error(due.control.value ? "" : "An action needs a due date.");
    again.error(!again.control.value ? "An action needs a review date." : again.control.value < due.control.value ? "The review date may not come before the due date." : "");
    const wrong = [words, owner, due, again].find((one) => one.control.getAttribute("aria-invalid"));
    wrong?.control.focus();
    return !wrong;
  }
  const raised = await context.dialog({
    title: proposal.title || "Add an action",
    body: h("div", { class: "sf-stack" }, kind.element, words.element, owner.element, due.element, again.element),
    buttons: [
      { label: "Add the action", value: true, primary: true, key: "Ctrl+Enter", check },
      { label: "Not now", value: false },
    ],
    on_open: () => (owner.control.focus(), true),
  });
  if (!raised) return false;
  store({ action_kind: kind.control.value, text: words.control.value.trim(), owner: owner.control.value, due: due.control.value, review_date: again.control.value });
  return true;
}
