// The keymap: one table from which the keys act, the sheet is made and the settings are changed. Never in text fields unless it says so.

import { h, button } from "./dom.js";

const STORE = "sampling-keys"; // no identifier: which keys a browser's user likes

const NAMES = { " ": "Space", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

export function key_name(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (shift ? "Shift+" : "") + key;
}

function shown(name) {
  return name
    .split("+")
    .map((part, place, all) => NAMES[part] || (place === all.length - 1 && part.length === 1 && all.length > 1 ? part.toUpperCase() : part))
    .join("+");
}

function is_text(target) {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !["radio", "checkbox", "button", "submit"].includes(target.type)) || target.isContentEditable;
}

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) || "{}");
    return { off: kept.off === true, keys: typeof kept.keys === "object" && kept.keys ? kept.keys : {} };
  } catch {
    return { off: false, keys: {} };
  }
}

export function create_keys(root) {
  const settings = load();
  const maps = [];
  let modal = 0;

  function store() {
    try {
      localStorage.setItem(STORE, JSON.stringify(settings));
    } catch {
      /* the settings then last as long as the page */
    }
  }

  const keys_of = (entry) => (settings.keys[entry.id] ? [settings.keys[entry.id]] : entry.keys);

  function pressed(event) {
    event.stopPropagation(); // neither JupyterLab nor Voilà may take a level for a command
    if (event.defaultPrevented || event.isComposing || modal > 0) return;
    const name = key_name(event);
    const in_text = is_text(event.target);
    for (const { map } of [...maps].reverse()) {
      for (const entry of map) {
        if (!keys_of(entry).includes(name)) continue;
        if (in_text && !entry.in_text) continue;
        if (settings.off && !entry.always) continue;
        if (entry.when && !entry.when()) continue;
        event.preventDefault();
        entry.run(event);
        return;
      }
    }
  }

  root.addEventListener("keydown", pressed);
  for (const other of ["keyup", "keypress"]) root.addEventListener(other, (event) => event.stopPropagation());

  function sheet() {
    const groups = new Map();
    for (const { map } of maps) for (const entry of map) if (entry.label) groups.set(entry.group || "Everywhere", [...(groups.get(entry.group || "Everywhere") || []), entry]);
    return h(
      "div",
      { class: "sf-sheet" },
      h("p", {}, settings.off ? "Single keys are switched off. Tab, arrow keys and Enter work as everywhere." : "Single keys work inside the form, and never while you type in a text field."),
      [...groups].map(([group, entries]) =>
        h(
          "section",
          {},
          h("h3", {}, group),
          h(
            "dl",
            { class: "sf-keys" },
            entries.map((entry) => [h("dt", {}, keys_of(entry).map((name, place) => [place ? " or " : "", h("kbd", {}, shown(name))])), h("dd", {}, entry.label)]),
          ),
        ),
      ),
      settings_part(),
    );
  }

  function settings_part() {
    const status = h("p", { role: "status" });
    const off = h("input", { type: "checkbox", id: "sf-keys-off", checked: settings.off });
    off.addEventListener("change", () => {
      settings.off = off.checked;
      store();
      status.textContent = settings.off ? "Single keys are off." : "Single keys are on.";
    });
    const rows = maps.flatMap(({ map }) => map.filter((entry) => entry.label && !entry.fixed)).map((entry) => {
      const input = h("input", { type: "text", size: "9", value: shown(keys_of(entry)[0]), "aria-label": `Key for: ${entry.label}`, readOnly: true });
      input.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (["Tab", "Escape", "Shift"].includes(event.key) || key_name(event) === "Shift+Tab") return;
        event.preventDefault();
        const name = key_name(event);
        const taken = maps.flatMap(({ map }) => map).find((other) => other !== entry && keys_of(other).includes(name));
        if (taken) {
          status.textContent = `${shown(name)} is taken by: ${taken.label || taken.id}. Choose another key.`;
          return;
        }
        settings.keys[entry.id] = name;
        store();
        input.value = shown(name);
        status.textContent = `${shown(name)} now means: ${entry.label}.`;
      });
      return h("li", {}, input, " ", entry.label);
    });
    return h(
      "details",
      { class: "sf-key-settings" },
      h("summary", {}, "Change or switch off keys"),
      h("p", {}, off, " ", h("label", { for: "sf-keys-off" }, "Switch single keys off")),
      h("p", { class: "sf-hint" }, "Go to a key below and press the one that you want instead."),
      h("ul", { class: "sf-remap" }, rows),
      button("Put all keys back", {
        run() {
          settings.keys = {};
          settings.off = false;
          off.checked = false;
          store();
          status.textContent = "All keys are as at first. Open this sheet again to see them.";
        },
      }),
      status,
    );
  }

  return {
    use(map) {
      const used = { map };
      maps.push(used);
      return () => maps.splice(maps.indexOf(used), 1);
    },
    sheet,
    label: (id) => {
      const entry = maps.flatMap(({ map }) => map).find((one) => one.id === id);
      return entry && !settings.off ? shown(keys_of(entry)[0]) : "";
    },
    get off() {
      return settings.off;
    },
    /** While a dialog is open the form's keys wait. */
    hold() {
      modal += 1;
      return () => {
        modal -= 1;
      };
    },
    dispose() {
      root.removeEventListener("keydown", pressed);
    },
  };
}
