// Actions: what a gap raises, drafted at once with owner and dates filled in for the rater to confirm, and the list of the review. An action
// without owner and due date is refused.

import { and_words, button, date_words, day_after, day_short, field, h, new_id, select, set_children, unique_id } from "./dom.js";
import { line_length } from "./texts.js";

/** The actions proposed for a criterion: the linked ones of a gap, else one that is still to be described. */
export function proposals(model, ref) {
  const { policy, payload } = model;
  const label = (kind) => payload.choices.action_kinds.find((one) => one.code === kind)?.label ?? "";
  const kinds = ref ? model.gap_kinds(ref) : [];
  const mended = kinds.length ? model.same_gaps(ref) : ref ? [ref] : [];
  const urgent = mended.some((one) => model.by_ref.get(one).critical && model.of(one).level === 0);
  const review_date = day_after(payload.today, policy.review_after_days);
  const due = urgent ? day_after(payload.today, policy.safety_due_days) : review_date;
  const dates = { due, review_date: review_date < due ? due : review_date, owner: payload.choices.owners[0]?.label ?? "" };
  return kinds.length ? kinds.map((kind) => ({ ...dates, action_kind: kind, text: label(kind) })) : [{ ...dates, action_kind: "other", text: "" }];
}

/** What the gaps raise and nobody has confirmed yet: rows of {ref, given}, once for the gaps that one pair of actions mends. */
export function drafts(model) {
  const found = [];
  const seen = new Set();
  for (const { ref } of model.criteria) {
    if (seen.has(ref) || model.gap_kinds(ref).length === 0) continue;
    for (const same of model.same_gaps(ref)) seen.add(same);
    found.push({ ref, given: proposals(model, ref) });
  }
  return found;
}

/** The actions with ids of their own, each of a pair naming the other. */
export function linked_actions(given, ref) {
  const ids = given.map(() => new_id());
  return given.map((one, place) => ({ ...one, action: ids[place], criterion: ref || null, linked: ids.length > 1 ? ids[place ? 0 : 1] : null }));
}

/**
 * Asks for one or more actions with everything filled in that can be, and returns their data; null when the person thinks better of it.
 * @param {{context: any, model: any, ref: string, given: any[], title: string}} about
 */
export async function ask_actions({ context, model, ref, given, title }) {
  const owners = h("datalist", { id: unique_id("owners") }, model.payload.choices.owners.map((one) => h("option", { value: one.label })));
  const parts = given.map((one, place) => action_part(one, { model, owners, context, legend: given.length > 1 ? `Action ${place + 1} of ${given.length}` : "Action" }));
  const linked = parts.length > 1 ? h("p", { class: "sf-hint" }, "The two are linked: the same finding raised both.") : null;
  const shared = given.some((one) => one.action_kind !== "other") ? numbers(model, model.same_gaps(ref)) : [];
  const once = shared.length > 1 ? h("p", { class: "sf-hint" }, `Raised once, for the gaps at criteria ${and_words(shared)} together.`) : null;
  const check = () => {
    const wrong = parts.map((part) => part.check()).find(Boolean);
    wrong?.focus();
    return !wrong;
  };
  const some = parts.length > 1 ? "Raise these actions" : "Raise this action";
  const answer = await context.dialog({
    title,
    wide: true,
    body: h("div", { class: "sf-stack" }, linked, once, parts.map((part) => part.element), owners),
    buttons: [{ label: some, value: true, primary: true, key: "Enter", check }, { label: "Cancel", value: false }],
    on_open: () => (given[0].text ? parts[0].owner : parts[0].words).focus(),
  });
  if (!answer) return null;
  return linked_actions(parts.filter((part) => part.wanted()).map((part) => part.values()), ref);
}

function action_part(given, { model, owners, context, legend }) {
  const kind = field({ label: "Kind", control: select(model.payload.choices.action_kinds, { value: given.action_kind }) });
  const words = field({ label: "What will be done", control: h("textarea", { rows: "2", maxlength: "20000", value: given.text }) });
  const owner = field({ label: "Owner", control: h("input", { type: "text", list: owners.id, maxlength: line_length(context, ["action_raised", "owner"]), autocomplete: "off", value: given.owner }) });
  const due = field({ label: "Due", control: h("input", { type: "date", min: context.today(), value: given.due }) });
  const again = field({ label: "Review date", control: h("input", { type: "date", min: context.today(), value: given.review_date }) });
  if (!model.policy.text_kept) Object.assign(words.control, { readOnly: true, value: kind.control.selectedOptions[0]?.label ?? "" }); // the kind's own words, and no others
  const wanted = h("input", { type: "checkbox", checked: true, id: unique_id("wanted") });
  const several = legend !== "Action";
  const head = several ? h("p", { class: "sf-check" }, wanted, h("label", { for: wanted.id }, "Raise this one")) : null;
  const element = h(
    "fieldset",
    { class: "sf-action" },
    h("legend", null, legend),
    head,
    h("div", { class: "sf-grid" }, kind.element, owner.element, h("div", { class: "sf-wide" }, words.element), due.element, again.element),
  );
  kind.control.addEventListener("change", () => {
    const labels = model.payload.choices.action_kinds.map((one) => one.label);
    const empty = !words.control.value.trim() || labels.includes(words.control.value);
    if (empty && (kind.control.value !== "other" || !model.policy.text_kept)) words.control.value = labels[kind.control.selectedIndex];
  });
  wanted.addEventListener("change", () => {
    for (const one of [kind, words, owner, due, again]) one.control.disabled = !wanted.checked;
  });

  /** Says beside each field what it lacks; returns the first that does. */
  function check() {
    if (!wanted.checked) return null;
    const today = context.today();
    words.error(words.control.value.trim() ? "" : "Say what will be done.");
    owner.error(owner.control.value.trim() ? "" : "An action needs an owner: who will do it?");
    due.error(!due.control.value ? "An action needs a due date: by when?" : due.control.value < today ? "The due date is past. Give today or a later day." : "");
    const early = again.control.value && again.control.value < due.control.value;
    again.error(!again.control.value ? "An action needs a review date: when will you look whether it was done?" : early ? "The review date comes before the due date." : "");
    return [words, owner, due, again].map((one) => one.control).find((control) => control.getAttribute("aria-invalid")) ?? null;
  }

  const values = () => ({ action_kind: kind.control.value, text: words.control.value.trim(), owner: owner.control.value.trim(), due: due.control.value, review_date: again.control.value });
  return { element, check, values, wanted: () => wanted.checked, owner: owner.control, words: words.control };
}

/**
 * The actions of the review, those that its gaps have drafted, and the way to raise one that belongs to no criterion.
 * @param {any} model @param {{add: () => void, confirm: (ref: string) => void, change: (ref: string) => void}} act
 */
export function create_action_list(model, { add, confirm, change }) {
  const list = h("ul", { class: "sf-plain sf-actions" });
  const waiting = h("div", { class: "sf-stack", hidden: true });
  const empty = h("p", { class: "sf-hint" }, "No action is raised yet.");
  const more = button("Add an action for the whole case", { kind: "small", run: add });
  const element = h("section", { class: "sf-section" }, h("h2", null, "Actions"), waiting, empty, list, more);

  function draw_drafts(off) {
    const found = off ? [] : drafts(model);
    const said = JSON.stringify(found.map(({ ref, given }) => [given, model.same_gaps(ref)]));
    if (waiting.dataset.said === said) return found;
    const held = waiting.contains(document.activeElement);
    waiting.dataset.said = said;
    waiting.hidden = found.length === 0;
    set_children(waiting, found.map(({ ref, given }) => draft(ref, given, { model, confirm, change })));
    if (held) (waiting.querySelector("button") ?? more).focus(); // what was pressed is gone: the next in its place
    return found;
  }

  function draw({ off }) {
    const open = model.open_actions();
    more.hidden = off;
    empty.hidden = draw_drafts(off).length > 0 || open.length > 0;
    const said = JSON.stringify(open.map((one) => [one, model.refs_of(one)]));
    if (list.dataset.said === said) return;
    list.dataset.said = said;
    set_children(list, open.map((one) => row(one, model)));
  }

  return { element, draw };
}

const numbers = (model, refs) => refs.map((ref) => model.by_ref.get(ref).number);

/** The actions that one gap, or several of one kind, has drafted: raised by one click as they stand, or changed first. */
function draft(ref, given, { model, confirm, change }) {
  const id = unique_id("draft");
  const found = numbers(model, model.same_gaps(ref));
  const where = `the ${found.length > 1 ? "gaps" : "gap"} at ${found.length > 1 ? "criteria" : "criterion"} ${and_words(found)}`;
  const several = given.length > 1;
  const raise = button(several ? `Raise these ${given.length} linked actions` : "Raise this action", { kind: "small primary", run: () => confirm(ref) });
  const row_of = (one) => h("li", null, h("strong", null, one.text), " ", h("span", { class: "sf-hint" }, `${one.owner} · due ${day_short(one.due)}, review ${day_short(one.review_date)}`));
  return h(
    "div",
    { class: "sf-draft", role: "group", "aria-labelledby": id },
    h("p", { id }, h("span", { "aria-hidden": "true" }, "▲ "), `Drafted for ${where}, to be confirmed:`),
    h("ul", null, given.map(row_of)),
    h("div", { class: "sf-row" }, raise, button("Change first…", { kind: "small", name: `Change what is drafted for ${where}`, run: () => change(ref) })),
  );
}

function row(action, model) {
  const found = numbers(model, model.refs_of(action));
  const of = found.length ? `${found.length > 1 ? "Criteria" : "Criterion"} ${and_words(found)}` : "Whole case";
  const state = action.state === "seen" ? " · seen in the record" : "";
  return h(
    "li",
    null,
    h("span", null, h("strong", null, action.text), action.linked ? h("span", { class: "sf-hint" }, " (linked)") : null),
    h("span", { class: "sf-hint" }, `${of} · ${action.owner} · due `, h("time", { datetime: action.due, title: date_words(action.due) }, day_short(action.due)), `, review ${day_short(action.review_date)}${state}`),
  );
}
