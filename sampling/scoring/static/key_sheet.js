// The sheet of keys, made from the map that they are dispatched from, with the switch and the changes.

import { button, h, set_children, text, unique_id } from "./dom.js";
import { key_name } from "./keys.js";

/** Shows the sheet as a dialog. @param {any} keys @param {(about: any) => Promise<any>} dialog */
export function show_sheet(keys, dialog) {
  const status = h("p", { role: "status", class: "sf-hint" });
  const go_on_id = unique_id("go-on");
  const go_on = h("input", { type: "checkbox", id: go_on_id, checked: keys.go_on, on: { change: () => (keys.go_on = go_on.checked) } });
  const lists = h("div", { class: "sf-sheet" });
  const id = unique_id("off");
  const off = h("input", { type: "checkbox", id, checked: keys.off });
  off.addEventListener("change", () => {
    keys.off = off.checked;
    text(status, off.checked ? "Letters and digits are switched off. Ctrl+Enter, Ctrl+Z and Esc still work." : "Letters and digits are switched on.");
  });
  const draw = () => set_children(lists, groups(keys).map(([name, bindings]) => group(name, bindings, { keys, status, draw })));
  draw();
  const reset = button("Put all keys back", {
    kind: "quiet",
    run: () => {
      keys.reset();
      off.checked = false;
      go_on.checked = false;
      draw();
      text(status, "All keys are as they were at first.");
    },
  });
  const body = h(
    "div",
    { class: "sf-stack" },
    h("p", null, "Keys work while you are inside the form, and never while you type in a field. To change one, press Change and then the new key."),
    h("p", { class: "sf-check" }, off, h("label", { for: id }, "Switch letters and digits off")),
    h("p", { class: "sf-check" }, go_on, h("label", { for: go_on_id }, "Go on to the next criterion even when a level still needs evidence or a comment")),
    lists,
    h("div", { class: "sf-row" }, reset, status),
  );
  return dialog({ title: "Keys", body, name: "sf-keys", buttons: [{ label: "Close", value: true, primary: true }] });
}

function groups(keys) {
  const found = new Map();
  for (const one of keys.bindings()) found.set(one.group ?? "Everywhere", [...(found.get(one.group ?? "Everywhere") ?? []), one]);
  return [...found];
}

function group(name, bindings, about) {
  return h("section", null, h("h3", null, name), h("ul", { class: "sf-plain sf-key-list" }, bindings.map((one) => row(one, about))));
}

function row(binding, { keys, status, draw }) {
  const printed = keys.keys_of(binding).map((name, place) => [place ? " or " : "", h("kbd", null, name)]);
  const change = binding.fixed ? null : button("Change", { kind: "quiet small", name: `Change the key for: ${binding.label}` });
  change?.addEventListener("click", () => listen(change, binding, { keys, status, draw }));
  return h("li", { dataset: { binding: binding.id } }, h("span", { class: "sf-key-name" }, printed), h("span", null, binding.label), change);
}

/** Takes the next key that is pressed on the button. Esc and Tab leave everything as it is. */
function listen(change, binding, { keys, status, draw }) {
  text(status, `Press the new key for: ${binding.label}. Esc leaves it as it is.`);
  change.setAttribute("aria-pressed", "true");
  const end = () => {
    change.removeAttribute("aria-pressed");
    change.removeEventListener("keydown", taken);
    change.removeEventListener("blur", end);
  };
  const taken = (event) => {
    const name = key_name(event);
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (!name) return;
    end();
    if (event.key === "Escape") return text(status, "Nothing was changed.");
    const why = keys.remap(binding.id, name);
    if (why) return text(status, `${why} Choose another key.`);
    text(status, `${name} now does: ${binding.label}.`);
    const place = change.closest("[data-binding]").dataset.binding;
    const holder = change.closest(".sf-sheet");
    draw();
    holder.querySelector(`[data-binding="${place}"] button`)?.focus();
  };
  change.addEventListener("keydown", taken);
  change.addEventListener("blur", end);
}
