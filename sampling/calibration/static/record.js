// The record of group supervision: saved as it is typed, whole. When another page wrote it meanwhile, both texts stay on the screen and a person chooses.

import { button, h, set_children, unique_id } from "./dom.js";
import { save_line } from "./parts.js";
import { action_rows, actions_words } from "./record_actions.js";
import { review_rows } from "./record_review.js";

const QUIET = 700;
const AGAIN = 3000;
const TEXTS = {
  decisions: "Decisions that the group reviewed",
  concern: "Concern",
  evidence: "Evidence",
  immediate_actions: "Immediate actions",
  rationale: "Rationale",
  follow_up: "Follow-up",
};
const EMPTY = { decisions: "", concern: "", evidence: "", immediate_actions: "", rationale: "", follow_up: "", actions: [], reviewed: [] };

/** Returns the record {element, take(view), retry()}. @param {{session: string, api: any}} page @param {any} frame */
export function create_record({ session, api }, frame) {
  const line = save_line();
  const conflict = h("div", { class: "cal-conflict", hidden: true });
  const fields = Object.fromEntries(Object.keys(TEXTS).map((name) => [name, h("textarea", { rows: "2", maxlength: "20000", id: unique_id(name), on: { input: touched } })]));
  const rows = action_rows(touched);
  const reviews = review_rows(touched);
  let revision = 0;
  let latest = null;
  let version = 0;
  let stored = 0;
  let busy = false;
  let timer = 0;
  let torn = false; // another page's record lies beside this one

  const labelled = (name) => h("div", { class: "sf-field" }, h("label", { for: fields[name].id }, TEXTS[name]), fields[name]);
  const [decisions, ...headings] = Object.keys(TEXTS);
  const element = h("section", { class: "sf-card cal-stack" },
    h("h2", null, "Record of group supervision"),
    h("p", { class: "sf-hint" }, "Saved as you type. Write about the work, and name no one."),
    line.element, conflict, reviews.element, labelled(decisions),
    h("h3", null, "How the group agreed to write it down"), headings.map(labelled),
    rows.element);

  const dirty = () => version !== stored;

  function touched() {
    version += 1;
    if (!torn) line.saving();
    clearTimeout(timer);
    timer = setTimeout(send, QUIET);
  }

  const typed = () => ({ ...Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value])), actions: rows.value(), reviewed: reviews.value() });

  async function send() {
    if (busy || torn) return;
    clearTimeout(timer);
    busy = true;
    const sent = version;
    let again = false;
    try {
      const done = await api.post(`api/trainer/${session}/write`, { kind: "group_recorded", data: typed(), base: revision });
      [stored, revision] = [sent, done.revision];
      again = dirty();
      if (!again) line.saved();
    } catch (error) {
      await failed(error);
    } finally {
      busy = false;
    }
    if (again) send();
    else if (latest) take(latest);
  }

  async function failed(error) {
    if (error.status === 409) {
      const view = await api.get(`api/trainer/${session}`).catch(() => null);
      if (view && view.record_revision !== revision) return tear(view);
    }
    line.failed(error.passing ? `${error.message} Trying again. Keep this page open.` : error.message);
    if (error.passing || error.status === 403) timer = setTimeout(send, AGAIN);
  }

  function take(view) {
    latest = view;
    reviews.offer(view.revisit);
    if (busy || torn || view.record_revision <= revision) return;
    if (dirty()) return void tear(view);
    revision = view.record_revision;
    put(view.record);
    line.saved();
  }

  function put(record) {
    const said = { ...EMPTY, ...record };
    for (const [name, one] of Object.entries(fields)) if (one.value !== said[name]) one.value = said[name];
    rows.fill(said.actions);
    reviews.fill(said.reviewed);
  }

  /** Shows the other page's words beside those here, until one of them is chosen. */
  function tear(view) {
    torn = true;
    clearTimeout(timer);
    const other = { ...EMPTY, ...view.record };
    const mine = typed();
    reviews.fill(other.reviewed.filter((one) => !mine.reviewed.some((own) => own.action === one.action)));
    const differ = Object.keys(TEXTS).filter((name) => other[name] !== mine[name]);
    const said = actions_words(other.actions);
    line.failed("Another page has changed the record meanwhile. Both texts are kept here; choose below.");
    const keep = () => {
      for (const [name, box] of picks) if (box.checked) fields[name].value = other[name];
      settle(view.record_revision);
    };
    const picks = differ.map((name) => [name, h("input", { type: "checkbox" })]);
    const heading = h("h3", { tabindex: "-1" }, "Another page has changed this record");
    set_children(conflict, heading,
      h("p", null, "What you wrote stands in the fields below. What the other page wrote stands here. Tick what you want to take from it, then store."),
      picks.map(([name, box]) => h("div", null,
        h("label", { class: "cal-option cal-tick" }, box, h("span", null, `Take the other page's text: ${TEXTS[name]}`)),
        h("blockquote", { class: "cal-other" }, other[name] || "(nothing)"))),
      said ? h("p", null, `Actions on the other page: ${said}. Add those you want to keep below.`) : null,
      h("p", null, button("Store the record as chosen", { kind: "primary", run: keep })));
    conflict.hidden = false;
    frame.say("Not saved. Another page has changed the record. Both texts are kept.");
    heading.focus();
  }

  function settle(base) {
    torn = false;
    revision = base;
    conflict.hidden = true;
    set_children(conflict);
    touched();
    send();
    fields.decisions.focus();
  }

  addEventListener("beforeunload", (event) => {
    if (!dirty()) return;
    if (!busy && !torn) send();
    event.preventDefault();
  });

  return { element, take, retry: () => dirty() && send() };
}
