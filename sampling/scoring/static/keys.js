// The keys: one map from which they are dispatched, printed beside what they do, listed in the sheet and changed by the person.
//
// They act with the focus inside the form alone, never in a text field (but for Ctrl+Enter and Esc), and can be changed or switched off
// (WCAG 2.1.4). What is kept in the browser names keys and nothing else.

import { h } from "./dom.js";

const STORE = "sampling.keys";
const ARROWS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", " ": "Space" };
const NOT_TEXT = new Set(["radio", "checkbox", "button", "submit", "reset", "range", "color", "file", "image"]);
const LONE_MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "Tab", "Dead", "Process", "Unidentified"]);

/**
 * @typedef {Object} Binding
 * @property {string} id a name for the settings, such as "score.evidence"
 * @property {string[]} keys as printed: "e", "Ctrl+Enter", "Shift+U"
 * @property {string} label what it does; without one it is not in the sheet
 * @property {(event: KeyboardEvent) => void} run
 * @property {string} [group]
 * @property {boolean} [in_text] also while typing
 * @property {boolean} [fixed] cannot be changed
 * @property {boolean} [repeats] holding it down does it again
 * @property {() => boolean} [when] whether it acts now
 */

/** The name of what was pressed: "e", "Shift+U", "Ctrl+Enter", "?". @param {KeyboardEvent} event */
export function key_name(event) {
  if (LONE_MODIFIERS.has(event.key)) return "";
  const letter = event.key.length === 1 && event.key.toLowerCase() !== event.key.toUpperCase();
  const shift = event.shiftKey && (letter || event.key.length > 1);
  const modified = event.ctrlKey || event.metaKey || event.altKey || shift;
  const key = letter ? (modified ? event.key.toUpperCase() : event.key.toLowerCase()) : (ARROWS[event.key] ?? event.key);
  return [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", shift ? "Shift" : "", key].filter(Boolean).join("+");
}

/** Whether a key is one that someone who dictates, or who types by mistake, presses without meaning a command. */
export function is_character(name) {
  return !/^(Ctrl|Alt)\+/.test(name) && (name.length === 1 || /^Shift\+.$/.test(name) || name === "Space");
}

function is_text(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !NOT_TEXT.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/**
 * @param {HTMLElement} root keys act inside it alone
 * @param {Storage | null} storage
 */
export function create_keys(root, storage) {
  const layers = []; // later ones are asked first
  const settings = load(storage);
  const holds = new Set();
  root.classList.toggle("sf-keys-off", settings.off);

  const keys_of = (binding) => settings.map[binding.id] ?? binding.keys;
  const bindings = () => layers.flatMap((layer) => layer.map);

  function pressed(event) {
    event.stopPropagation(); // neither JupyterLab nor Voilà may take a level for a command
    if (event.defaultPrevented || event.isComposing || holds.size) return;
    const name = key_name(event);
    if (!name || (settings.off && is_character(name))) return;
    const typing = is_text(event.target);
    for (const layer of layers.slice().reverse()) {
      const binding = layer.map.find((one) => keys_of(one).includes(name) && (!typing || one.in_text) && (one.when?.() ?? true));
      if (!binding) continue;
      event.preventDefault();
      if (!event.repeat || binding.repeats) binding.run(event);
      return;
    }
  }

  const swallow = (event) => event.stopPropagation();
  root.addEventListener("keydown", pressed);
  root.addEventListener("keyup", swallow);
  root.addEventListener("keypress", swallow);

  /** Puts a map into force; returns what takes it out again. @param {Binding[]} map */
  function use(map) {
    const layer = { map };
    layers.push(layer);
    queueMicrotask(show); // what prints the keys may be put into the page a moment later
    return () => {
      const place = layers.indexOf(layer);
      if (place >= 0) layers.splice(place, 1);
    };
  }

  /** While a dialog is open the form's keys wait. Returns what lets them go on. */
  function hold() {
    const token = {};
    holds.add(token);
    return () => holds.delete(token);
  }

  function label(id) {
    const binding = bindings().find((one) => one.id === id);
    return binding ? (keys_of(binding)[0] ?? "") : "";
  }

  /** A place that prints the key of a binding, now and after it was changed. Assistive technology hears the sheet instead. */
  function print(id) {
    const element = h("kbd", { "aria-hidden": "true", dataset: { key: id } });
    show_one(element);
    return element;
  }

  function show_one(element) {
    const name = label(element.dataset.key);
    element.textContent = name;
    element.hidden = !name || (settings.off && is_character(name));
  }

  function show() {
    for (const element of root.querySelectorAll("kbd[data-key]")) show_one(element);
  }

  function store() {
    root.classList.toggle("sf-keys-off", settings.off);
    show();
    try {
      storage?.setItem(STORE, JSON.stringify(settings));
    } catch {
      // the settings then hold for as long as the page is open
    }
  }

  /** Gives a binding another key; returns "" or why it cannot be had. */
  function remap(id, name) {
    const taken = bindings().find((one) => one.id !== id && keys_of(one).includes(name));
    if (taken) return `${name} is taken by: ${taken.label || taken.id}.`;
    settings.map = { ...settings.map, [id]: [name] };
    store();
    return "";
  }

  return {
    use,
    hold,
    label,
    print,
    remap,
    bindings: () => bindings().filter((one) => one.label),
    keys_of,
    reset: () => {
      settings.map = {};
      settings.off = false;
      settings.go_on = false;
      store();
    },
    get off() {
      return settings.off;
    },
    /** Whether the form goes on after a level that still needs evidence or a comment. */
    get go_on() {
      return settings.go_on;
    },
    set go_on(value) {
      settings.go_on = value;
      store();
    },
    set off(value) {
      settings.off = value;
      store();
    },
    dispose: () => {
      root.removeEventListener("keydown", pressed);
      root.removeEventListener("keyup", swallow);
      root.removeEventListener("keypress", swallow);
    },
  };
}

function load(storage) {
  try {
    const kept = JSON.parse(storage?.getItem(STORE) ?? "{}");
    const map = Object.entries(kept.map ?? {}).filter(([, names]) => Array.isArray(names) && names.every((name) => typeof name === "string"));
    return { off: kept.off === true, go_on: kept.go_on === true, map: Object.fromEntries(map) };
  } catch {
    return { off: false, go_on: false, map: {} };
  }
}
