// Joining: the code, then what one agrees to and an alias. Nobody types an alias, and no name is asked for.

import { button, field, focus_heading, h, new_id, set_children, text } from "./dom.js";
import { create_frame, fault_of, page_of, radios, tick } from "./parts.js";

const { base, api } = page_of();
const frame = create_frame("join");
const made = new_id() + new_id(); // should the answer to joining be lost, joining again is then no second rater; this page alone holds it

/** Upper case without spaces, as the wall shows it. */
const typed = (words) => words.toUpperCase().replace(/\s+/g, "");

/** Asks for the code; `given` is one that was scanned from the wall, which is looked up at once. */
function ask_code(given = "") {
  const control = h("input", {
    type: "text", name: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", class: "cal-code-field", maxlength: "20", value: given,
  });
  const code = field({ label: "Code on the wall", control, hint: "Six letters and digits. Capitals and spaces do not matter." });
  const send = async (event) => {
    event?.preventDefault();
    const value = typed(control.value);
    if (!value) return wrong(code, "Type the code that the wall shows.");
    try {
      show_offer(value, await api.get(`api/join?code=${encodeURIComponent(value)}`));
    } catch (error) {
      wrong(code, in_words(error));
    }
  };
  set_children(frame.main,
    h("h1", null, "Join a calibration session"),
    h("p", null, "You will read an invented case and score it, with others, on this device. No account is needed."),
    h("form", { class: "cal-form", novalidate: true, on: { submit: send } }, code.element, submit("Go on")));
  control.focus();
  if (given) send();
}

const submit = (words) => h("p", null, h("button", { type: "submit", class: "sf-button primary cal-big" }, words));
const in_words = (error) => (error.status ? error.message : `${error.message} Try again in a moment.`);

function wrong(of, words) {
  of.error(words);
  of.control.focus();
}

function show_offer(code, offer) {
  if (!offer.may_join) {
    set_children(frame.main, h("h1", null, offer.title), h("p", { role: "alert" }, "Nobody else may join this session. Ask the trainer."),
      h("p", null, button("Type another code", { run: () => ask_code() })));
    return focus_heading(frame.main);
  }
  const of = (names) => names.map((name) => ({ value: name, label: name }));
  const alias = radios({ legend: "Choose an alias", options: of(offer.aliases), hint: "Others see no alias, only the trainer does. Your own page shows yours." });
  const agree = tick("I agree");
  const refused = fault_of(agree.input);
  const failed = h("p", { class: "sf-error", role: "alert" });
  const others = async (event) => {
    event?.preventDefault();
    try {
      alias.fill(of((await api.get(`api/join?code=${encodeURIComponent(code)}`)).aliases));
      frame.say("Three other aliases.");
      alias.error("");
      alias.focus();
    } catch (error) {
      alias.error(in_words(error));
    }
  };
  const send = async (event) => {
    event.preventDefault();
    text(failed, "");
    alias.error(alias.value ? "" : "Choose an alias.");
    refused.say(agree.input.checked ? "" : "Tick “I agree” to join. Without that nothing is stored, and you cannot take part.");
    if (!agree.input.checked) return agree.input.focus();
    if (!alias.value) return alias.focus();
    try {
      const done = await api.post("api/join", { code, alias: alias.value, agreed: true, made });
      document.location.assign(`${base}rate/${done.session}`);
    } catch (error) {
      if (error.status !== 409 || !error.message.startsWith("That alias")) return text(failed, in_words(error));
      await others();
      alias.error(error.message);
      alias.focus();
    }
  };
  set_children(frame.main,
    h("p", { class: "cal-kicker" }, "You are about to join"),
    h("h1", null, offer.title),
    h("form", { class: "cal-form", novalidate: true, on: { submit: send } },
      h("section", { class: "sf-card" }, h("h2", null, "What is kept"), h("p", null, offer.consent), agree.element, refused.element),
      alias.element,
      h("p", null, button("Other ones", { run: others, kind: "quiet" })),
      failed,
      submit("Join")));
  focus_heading(frame.main);
}

const scanned = typed(document.location.hash.slice(1)).slice(0, 20);
history.replaceState(null, "", document.location.pathname);
ask_code(scanned);
