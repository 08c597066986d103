// Dialogs: the browser's own <dialog>, so that focus stays inside while it is open and Esc closes it. Focus goes back where it was.

import { button, h, unique_id } from "./dom.js";

const TWICE = 400; // milliseconds in which the same key again is a slip of the finger

/** @param {HTMLElement} root @param {any} keys */
export function create_dialogs(root, keys) {
  /**
   * Asks, and returns the value of the button that was pressed; null for Esc. A button with `check` closes only when that returns true.
   * @param {{title: string, body: any, buttons: Array<any>, on_open?: (element: HTMLElement) => any, wide?: boolean, name?: string}} about
   * @returns {Promise<any>}
   */
  function dialog({ title, body, buttons, on_open, wide = false, name = "" }) {
    const before = document.activeElement;
    const id = unique_id("dialog");
    const heading = h("h2", { id, tabindex: "-1" }, title);
    const row = h("div", { class: "sf-row sf-dialog-buttons" });
    const form = h("form", { method: "dialog", novalidate: true }, heading, body, row);
    const classes = ["sf-dialog", wide ? "wide" : "", name].filter(Boolean).join(" ");
    const element = h("dialog", { class: classes, "aria-labelledby": id }, form);
    let value = null;
    let primary = null;
    for (const one of buttons) {
      const made = button(one.label, { kind: one.primary ? "primary" : (one.kind ?? ""), key: one.key });
      const press = () => {
        if (one.check && !one.check()) return;
        value = one.value;
        shut(element);
      };
      if (one.primary) {
        made.type = "submit";
        primary = press;
      } else made.addEventListener("click", press);
      row.append(made);
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      primary?.();
    });
    const opened = performance.now();
    element.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (!event.repeat && performance.now() - opened > TWICE) primary?.(); // the same key may have opened the dialog
    });
    for (const event of ["keyup", "keypress"]) element.addEventListener(event, (one) => one.stopPropagation());
    return open(root, element, { keys, before, heading, on_open, answer: () => value });
  }

  /** @returns {Promise<boolean>} */
  const confirm = async ({ title, text, yes, no, danger = false }) => {
    const buttons = [
      { label: yes, value: true, primary: true, kind: danger ? "danger" : "" },
      { label: no, value: false },
    ];
    return Boolean(await dialog({ title, body: h("p", null, text), buttons }));
  };

  return { dialog, confirm };
}

function open(root, element, { keys, before, heading, on_open, answer }) {
  return new Promise((resolve) => {
    const release = keys.hold();
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      release();
      element.remove();
      give_back(root, before);
      resolve(answer());
    };
    element.addEventListener("cancel", (event) => {
      event.preventDefault();
      shut(element);
    });
    element.addEventListener("close", end);
    root.append(element);
    element.showModal();
    heading.focus(); // so that a screen reader begins with what is asked
    on_open?.(element);
  });
}

/** Closes a dialog, and says so at once: the browser's own word comes later, and a key pressed meanwhile is the form's already. */
function shut(element) {
  element.close();
  element.dispatchEvent(new Event("close"));
}

/** The focus goes back where it was; where that is gone, to what the person was working on: never to nowhere. */
function give_back(root, before) {
  if (before instanceof HTMLElement && before !== document.body && before.isConnected) before.focus();
  if (root.contains(document.activeElement) && document.activeElement !== root) return;
  const place = root.querySelector(".sf-criterion.active .sf-criterion-head") ?? root.querySelector("h1");
  place?.setAttribute("tabindex", place.tagName === "H1" ? "-1" : "0");
  place?.focus();
}
