// Dialogs: the browser's own <dialog>, so that focus stays inside while it is open and Esc closes it. Focus goes back where it was.

import { button, h, unique_id } from "./dom.js";

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
        element.close();
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
    element.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      event.preventDefault();
      primary?.();
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
    element.addEventListener("close", () => {
      release();
      element.remove();
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
      resolve(answer());
    });
    root.append(element);
    element.showModal();
    heading.focus(); // so that a screen reader begins with what is asked
    on_open?.(element);
  });
}
