// A signature: a statement, a time, and the hash of exactly what is committed. Refused while anything is unsaved.

import { h, plural } from "./dom.js";
import { moment_words, sentences_of } from "./screen_parts.js";

const ROLES = { rater: "Rater", supervisor: "Supervisor", supervisee: "Supervisee" };

/** Returns the signatures of a record in words, void ones with the reason why. */
export function signatures(rows) {
  if (!rows.length) return h("p", { class: "sf-muted" }, "Nobody has signed yet.");
  return h("ul", { class: "ss-signatures" }, rows.map((one) => h("li", { class: one.void ? "ss-void" : "" },
    h("strong", null, `${ROLES[one.role] ?? one.role}: ${one.name}`), `, ${moment_words(one.at)}. `,
    one.void ? `No longer stands: ${one.void_reason}.` : "Stands. ",
    h("span", { class: "sf-muted" }, "Content ", h("code", null, one.content.slice(0, 12)), "…"))));
}

/** Returns the form that signs: {element}. `given` is {review, role, statement, content}; `done` runs after the commit. */
export function sign_form(context, given, { label, done }) {
  const line = h("p", { class: "ss-saving", role: "status" });
  const id = context.new_id(); // one for the form: tried again after a lost answer, it is the same signature
  let running = false;
  const say = (words, kind) => {
    line.className = `ss-saving ss-${kind}`;
    line.textContent = words;
  };

  async function sign(event) {
    event.preventDefault();
    if (running) return;
    await context.save.idle();
    const left = context.save.unsaved(given.review).length;
    if (left) {
      say(`Not signed: ${plural(left, "change is", "changes are")} not saved yet. Sign again when the page says "Saved".`, "bad");
      return;
    }
    running = true;
    say("Signing…", "plain");
    try {
      await context.api.post("api/sign", { id, review: given.review, role: given.role, statement: given.statement, content: given.content });
      await done();
      context.announce("Signed, and saved.");
    } catch (error) {
      say(`Not signed. ${sentences_of(error).join(" ")}`, "bad");
    } finally {
      running = false;
    }
  }

  return h("form", { class: "ss-form ss-sign", on: { submit: sign } },
    h("p", { class: "ss-statement" }, given.statement),
    h("p", null, h("button", { type: "submit", class: "sf-button primary" }, label)),
    line);
}
