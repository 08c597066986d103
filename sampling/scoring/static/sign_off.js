// Signing off: everything saved, nothing missing, a statement, and the hash of exactly what is committed. Then the next case.

import { button, h, moment_words, new_id, notice, plural, set_children } from "./dom.js";

const PATIENCE = 600; // milliseconds in which what is on its way may arrive, before it is said that something is not saved

/**
 * @param {{context: any, model: () => any, committed: () => {content: string, missing: any[]}, prefetch: () => void,
 *   open: (ref: string) => void, before: () => void, signed: (answer: any) => Promise<void>, stale: () => Promise<void>, started: () => number}} about `started`: when the first answer was given on this page, 0 for none
 */
export function create_sign_off(about) {
  const { context } = about;
  let asked_quick = false;
  let running = false;
  let last_id = { content: "", id: "" };

  async function sign() {
    if (running) return; // a second press at once falls on the dialog that the first has opened, which takes it for a slip (dialogs.js)
    running = true;
    try {
      await attempt();
    } finally {
      running = false;
    }
  }

  async function attempt() {
    const model = about.model();
    about.before();
    context.save.flush();
    if (!(await all_saved(model))) return;
    const { missing } = about.committed();
    const scores = model.payload.sign_as !== "supervisee"; // who signs that they have seen it signs what the rater left
    if (scores && missing.length) return show_missing(missing);
    if (scores && !(await not_too_quick(model))) return;
    if (await ask(model)) await send(model);
  }

  /** Says at once what is not saved, goes on trying meanwhile, and goes on to the signature by itself once all of it is. */
  async function all_saved(model) {
    const { save } = context;
    const left = () => save.unsaved(model.payload.review);
    if (left().length && !save.failure) await save.idle(PATIENCE);
    if (left().length === 0) return true;
    let through = false;
    const body = h("div", { class: "sf-stack" });
    const show = () => {
      through = left().length === 0;
      if (through) body.closest("dialog")?.close();
      else set_children(body, unsaved_words(model, left()));
    };
    show();
    const off = save.on("state", show);
    await context.dialog({ title: "Not yet: some changes are not saved", body, buttons: [{ label: "Go back", value: true, primary: true }] });
    off();
    return through;
  }

  function unsaved_words(model, left) {
    const names = [...new Set(left.map((change) => model.name(change.data.criterion ?? change.subject.split(":")[1])))];
    const words = `${plural(left.length, "change is", "changes are")} not saved: a signature holds for what is saved alone.`;
    const stuck = left.some((change) => context.save.refusal(change.id));
    return [
      h("p", null, `${words} ${stuck ? "What was refused is marked beside its criterion: put it right, or take it back." : "The page goes on trying, and asks for your signature once all is saved."}`),
      h("ul", null, names.map((name) => h("li", null, name))),
    ];
  }

  async function show_missing(missing) {
    let chosen = null;
    const link = (one) => (close) => button(one.sentence, { kind: "link", run: () => ((chosen = one.ref), close()) });
    const body = h("div", { class: "sf-stack" });
    const opened = context.dialog({
      title: `Not yet: ${plural(missing.length, "thing is", "things are")} missing`,
      body,
      name: "sf-missing",
      buttons: [{ label: "Go to the first", value: true, primary: true }, { label: "Close", value: false }],
    });
    const close = () => body.closest("dialog").close();
    body.append(h("ul", null, missing.map((one) => h("li", null, one.ref ? link(one)(close) : one.sentence))));
    const first = await opened;
    const ref = chosen ?? (first ? (missing.find((one) => one.ref)?.ref ?? null) : null);
    if (ref) about.open(ref);
  }

  /** The same level everywhere, in no time: asked once, since a slip of the hand looks like this. */
  async function not_too_quick(model) {
    const answers = new Set(model.criteria.map((one) => model.answer_words(one.ref)));
    const started = about.started();
    const seconds = (performance.now() - started) / 1000;
    if (asked_quick || started === 0 || answers.size > 1 || model.criteria.length < 2 || seconds >= model.policy.quick_seconds) return true;
    asked_quick = true;
    const words = `All ${model.criteria.length} criteria have the same answer, ${[...answers][0].toLowerCase()}, and it took ${Math.max(1, Math.round(seconds))} seconds.`;
    return context.confirm({ title: "Confirm?", text: `${words} Is this what the record shows?`, yes: "Yes, go on to sign", no: "Look again" });
  }

  function ask(model) {
    const { content } = about.committed();
    const reminders = model.payload.sign_as === "supervisee" ? [] : model.reminders();
    const { payload } = model;
    const worth = reminders.length ? notice("info", h("p", null, "Worth a second look; it does not block:"), h("ul", null, reminders.map((sentence) => h("li", null, sentence)))) : null;
    return context.dialog({
      title: `Sign ${payload.case_label}`,
      name: "sf-sign",
      body: h(
        "div",
        { class: "sf-stack" },
        h("p", { class: "sf-statement" }, payload.statement),
        worth,
        h("p", { class: "sf-hint" }, `Signed as ${context.me.person.name}. Content `, h("code", null, content.slice(0, 12)), "…"),
      ),
      buttons: [
        { label: agreement(payload), value: true, primary: true, key: "Enter" },
        { label: "Cancel", value: false },
      ],
      on_open: (element) => element.querySelector(".primary").focus(),
    });
  }

  async function send(model) {
    const { payload } = model;
    const { content } = about.committed();
    if (last_id.content !== content) last_id = { content, id: new_id() }; // tried again after a lost answer, it is the same signature
    const request = { id: last_id.id, review: payload.review, role: payload.sign_as || "rater", statement: payload.statement, content };
    try {
      about.prefetch(); // while the signature is on its way, and not before: that a case was opened is written down
      const answer = await context.api.post("api/sign", request);
      context.announce("Signed, and saved.");
      await about.signed(answer);
    } catch (error) {
      if (error.status === undefined) throw error;
      if (error.status === 409) await about.stale();
      const sentences = (error.findings ?? []).map((one) => one.text);
      const words = error.offline ? "The server does not answer, so nothing was signed as far as this page knows. Try again." : [error.message, ...sentences].join(" ");
      await context.dialog({ title: "Not signed", body: h("p", null, words), buttons: [{ label: "Go back", value: true, primary: true }] });
    }
  }

  return { sign };
}

/** Whether a rater scores a case again, blind: then and now stand beside each other once that is signed. */
export function is_rescore(payload) {
  return payload.stage.startsWith("follow_up") && payload.as === "rater";
}

/** The words of the button that signs: what comes after it. */
function agreement(payload) {
  if (is_rescore(payload)) return "Sign, and see then and now";
  return payload.next ? "Sign and open the next case" : "Sign";
}

/** What stands above a review that is signed, or that is not this person's to change. */
export function signed_notice(model, { change, record }) {
  const { payload } = model;
  const rows = model.state.signatures.map((one) => {
    const who = `${{ rater: "Rater", supervisor: "Supervisor", supervisee: "Supervisee" }[one.role] ?? one.role}: ${one.name}, ${moment_words(one.at)}`;
    return h("li", null, who, one.void ? `. No longer stands: ${one.void_reason}.` : ". ", one.void ? null : h("span", { class: "sf-hint" }, "Content ", h("code", null, one.content.slice(0, 12)), "…"));
  });
  const title = model.signature() ? "This review is signed." : "";
  if (!title && !payload.read_only && rows.length === 0) return null;
  return notice(
    model.signature() ? "good" : "info",
    h("p", null, title ? h("strong", null, `${title} `) : null, payload.read_only_why),
    rows.length ? h("ul", { class: "sf-plain" }, rows) : null,
    h("div", { class: "sf-row" }, record, change ? button("Change it…", { kind: "small", run: change }) : null),
  );
}
