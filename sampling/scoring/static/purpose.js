// For which purpose a case is opened (City of York, supervision standard 7). Asked once a sitting, shown in the queue, and logged by the
// service with each case that is opened. Only the purpose's code is kept, and only while the browser's tab is open.

import { h } from "./dom.js";
import { radios } from "./screen_parts.js";

const NAME = "sampling-purpose|";

/** Returns the code of the purpose that was stated in this sitting, or null. */
export function stated_purpose(context) {
  try {
    const code = window.sessionStorage.getItem(NAME + context.me.person.key);
    if (!context.me.purposes.some((one) => one.code === code)) return null;
    context.set_purpose(code);
    return code;
  } catch {
    return null;
  }
}

function keep(context, code) {
  context.set_purpose(code);
  try {
    window.sessionStorage.setItem(NAME + context.me.person.key, code);
  } catch {
    // a browser that keeps nothing asks again
  }
}

/** Asks for the purpose and returns its code; null when the person thought better of it. `suggested` is marked at first. */
export async function ask_purpose(context, suggested) {
  const known = context.me.purposes.some((one) => one.code === suggested) ? suggested : context.me.purposes[0]?.code;
  const choice = radios({
    legend: "You open this case for",
    options: context.me.purposes.map(({ code, label }) => ({ value: code, label })),
    value: stated_purpose(context) ?? known,
  });
  const body = h("div", null, choice.element, h("p", { class: "ss-hint" },
    "It is written down with your name, the case and the time. Names and ids are shown for the supervision of your own supervisee alone; " +
    "for every other purpose a case has an alias."));
  const answer = await context.dialog({
    title: "Why do you open it?",
    body,
    buttons: [{ label: "Open", value: "open", primary: true }, { label: "Cancel", value: "cancel" }],
    on_open: () => choice.focus(),
  });
  if (answer !== "open" || choice.value === null) return null;
  keep(context, choice.value);
  return choice.value;
}

/** Returns the purpose of this sitting, asking for it when it is not known yet. */
export async function purpose_of_sitting(context, suggested) {
  return stated_purpose(context) ?? ask_purpose(context, suggested);
}
