// The page's frame: who, why, what is saved, and which screen is open.

import { create_api } from "./api.js";
import { button, clear, h, set_children, text, unique_id } from "./dom.js";
import { create_keys } from "./keys.js";
import { create_save, new_id } from "./save.js";

const SCREENS = {
  queue: "queue.js",
  score: "score.js",
  follow_up: "follow_up.js",
  compare: "compare.js",
  moderation: "moderation.js",
  sessions: "sessions.js",
  session: "sessions.js",
  reply: "reply.js",
};

function style(root, address) {
  for (const name of ["form.css", "screens.css"]) root.append(h("link", { rel: "stylesheet", href: address("static/" + name) }));
}

function dialogs(root, keys) {
  function dialog({ title, body, buttons, on_open }) {
    return new Promise((resolve) => {
      const before = document.activeElement;
      const id = unique_id("dialog");
      const release = keys.hold();
      const row = h("div", { class: "sf-row sf-dialog-buttons" });
      const element = h("dialog", { class: "sf-dialog", "aria-labelledby": id }, h("h2", { id, tabindex: "-1" }, title), body, row);
      let value = null;
      for (const one of buttons) {
        row.append(
          button(one.label, {
            kind: one.primary ? "primary" : one.kind || "",
            key: one.key || "",
            run() {
              if (one.check && !one.check()) return;
              value = one.value;
              element.close();
            },
          }),
        );
      }
      element.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) row.querySelector(".primary")?.click();
      });
      element.addEventListener("close", () => {
        release();
        element.remove();
        if (before instanceof HTMLElement && before.isConnected) before.focus();
        resolve(value);
      });
      root.append(element);
      element.showModal();
      (on_open ? on_open(element) : null) || element.querySelector("h2").focus();
    });
  }
  const confirm = ({ title, text: words, yes, no, danger }) =>
    dialog({
      title,
      body: h("p", {}, words),
      buttons: [
        { label: yes, value: true, primary: !danger, kind: danger ? "danger" : "" },
        { label: no, value: false },
      ],
    }).then(Boolean);
  return { dialog, confirm };
}

export async function mount(element, { base, seat = "", screen = "queue", purpose = "supervision", params = {} }) {
  const root = h("div", { class: "sf-root", lang: "en-GB", dataset: { lmSuppressShortcuts: "true" } });
  element.append(root);
  const api = create_api({ base, seat });
  style(root, api.address);
  const loading = h("p", { role: "status" }, "Loading…");
  root.append(loading);
  const me = await api.get("api/me");
  loading.remove();

  const save = create_save({ api, me });
  const keys = create_keys(root);
  const polite = h("p", { class: "sf-visually-hidden", role: "status" });
  const loud = h("p", { class: "sf-visually-hidden", role: "alert" });
  const state = h("p", { class: "sf-state", role: "status", dataset: { state: "saved" } });
  const banner = h("div", { class: "sf-banner", hidden: true });
  const navigation = h("nav", { "aria-label": "Screens", class: "sf-nav" });
  const stage = h("div", { class: "sf-stage" });
  const { dialog, confirm } = dialogs(root, keys);
  let shown = null;
  let turn = 0;
  let stated = purpose;

  const people = me.person.roles;
  const links = [
    ["queue", "Cases"],
    ["follow_up", "Follow-up"],
    ["moderation", "Moderation"],
    ["sessions", "Sessions"],
  ];

  const context = Object.freeze({
    me,
    api,
    save,
    keys,
    new_id,
    settings: me.settings,
    today: () => me.today,
    go,
    dialog,
    confirm,
    announce: (words) => text(polite, words),
    alert: (words) => text(loud, words),
    purpose: () => stated,
    set_purpose(code) {
      stated = code;
    },
  });

  function draw_navigation(route) {
    set_children(
      navigation,
      h(
        "ul",
        {},
        links.map(([name, label]) =>
          h("li", {}, h("a", { href: "#" + name, "aria-current": route === name ? "page" : null, on: { click: (event) => (event.preventDefault(), go(name)) } }, label)),
        ),
      ),
    );
  }

  async function go(route, parameters = {}) {
    const mine = (turn += 1);
    const question = shown?.before_leave?.();
    if (question && !(await confirm({ title: "Leave this page?", text: question, yes: "Leave", no: "Stay" }))) return;
    if (save.unsaved().length) await save.idle();
    if (mine !== turn) return;
    shown?.dispose?.();
    shown = null;
    clear(stage);
    draw_navigation(route);
    const holder = h("div", {}, h("p", { role: "status" }, "Loading…"));
    stage.append(holder);
    try {
      const module = await import("./" + SCREENS[route]);
      const inside = h("div", {});
      stage.append(inside); // a screen moves the focus when it is filled, so it must be in the page
      const opened = await module.show(inside, context, parameters);
      if (mine !== turn) return opened?.dispose?.();
      shown = opened;
      holder.remove();
    } catch (error) {
      if (mine !== turn) return;
      set_children(
        holder,
        h("h1", { tabindex: "-1" }, "This screen could not be opened"),
        h("p", { role: "alert" }, error.message),
        button("Try again", { run: () => go(route, parameters) }),
      );
      holder.querySelector("h1").focus();
      if (!error.status && !error.offline) console.error("scoring form:", error);
    }
  }

  function open_sheet() {
    dialog({ title: "Keys", body: keys.sheet(), buttons: [{ label: "Close", value: true, primary: true }] });
  }

  async function sign_out() {
    const open = save.unsaved().length;
    if (open && !(await confirm({ title: "Sign out?", text: "Some changes are not saved yet. Signing out throws them away.", yes: "Sign out", no: "Stay", danger: true }))) return;
    save.forget();
    try {
      await api.post("sign_out", {});
    } catch {
      /* the cookie goes with the browser's session */
    }
    save.dispose();
    set_children(root, h("p", { role: "status" }, "You are signed out. Nothing of yours is kept on this computer. Close this page."));
  }

  save.on("state", (name, words, { lost }) => {
    state.dataset.state = name;
    text(state, words);
    banner.hidden = !lost;
  });
  save.on("alarm", (words) => text(loud, words));
  set_children(
    banner,
    h("p", {}, "The connection to the server is lost. You can go on: what you write waits on this page."),
    button("Reload safely", { run: () => location.reload() }),
  );
  text(state, save.words);

  const off = keys.use([
    { id: "sheet", keys: ["?", "Shift+?"], label: "Show all keys", run: open_sheet, fixed: true },
  ]);
  root.append(
    h(
      "header",
      { class: "sf-head" },
      h("p", { class: "sf-who" }, me.person.name),
      navigation,
      state,
      button("Keys", { key: "?", kind: "quiet", run: open_sheet }),
      me.settings.sign_out === null ? null : button("Sign out", { kind: "quiet", run: sign_out }),
    ),
    banner,
    stage,
    polite,
    loud,
  );
  await go(screen === "session" ? "sessions" : screen, params);
  return {
    dispose() {
      turn += 1;
      off();
      shown?.dispose?.();
      save.dispose();
      keys.dispose();
      root.remove();
    },
  };
}
