// The page: one root that stays, with a frame around one screen at a time. The server's answers decide what a person may see.

import { create_api } from "./api.js";
import { other_pages, watch_connection } from "./connection.js";
import { create_dialogs } from "./dialogs.js";
import { button, focus_heading, h, new_id, set_children } from "./dom.js";
import { clear_drafts, settle_drafts } from "./drafts.js";
import { durable_storage } from "./durable.js";
import { create_frame } from "./frame.js";
import { show_sheet } from "./key_sheet.js";
import { create_keys } from "./keys.js";
import { PREFIX, browser_storage, create_outbox } from "./outbox.js";
import { recover_quotes } from "./pointers.js";
import { create_save } from "./save.js";

const SCREENS = {
  queue: "queue.js",
  score: "score.js",
  follow_up: "follow_up.js",
  compare: "compare.js",
  moderation: "moderation.js",
  sessions: "sessions.js",
  session: "sessions.js",
  reply: "reply.js",
  supervision: "supervision.js",
  patterns: "patterns.js",
};
const TITLES = {
  queue: "Cases",
  score: "Scoring a case",
  follow_up: "Follow-up",
  compare: "Then and now",
  moderation: "Moderation",
  sessions: "Supervision sessions",
  session: "Supervision session",
  reply: "Record and reply",
  supervision: "Supervision",
  patterns: "Patterns",
};
const STYLES = ["form.css", "screens.css"];
const PATIENT = 250; // milliseconds before "Loading…" is worth saying

/**
 * Shows the form in an element. Rejects when the server does not answer: the caller says so (loader.js).
 * @param {HTMLElement} element
 * @param {{base: string, seat?: string, screen?: string, purpose?: string, params?: any}} options
 * @returns {Promise<{dispose: () => void}>}
 */
export async function mount(element, { base, seat = "", screen = "queue", purpose = "supervision", params = {} }) {
  const api = create_api({ base, seat });
  const me = await api.get("api/me");
  const alone = "voila" in document.body.dataset; // a page of our own, not a cell of someone's notebook
  const root = h("div", { class: alone ? "sf-root sf-alone" : "sf-root", lang: "en-GB", tabindex: "-1", dataset: { lmSuppressShortcuts: "true" } });
  const styled = await link_styles(api);
  element.append(root);

  const storage = await durable_storage(browser_storage(), PREFIX);
  const tab = new_id();
  const outbox = create_outbox({ rater: me.person.key, allowed: me.settings.outbox !== false, storage, tab });
  const save = create_save({ api, outbox, open_pages: await other_pages(tab) });
  const connection = watch_connection({ api, save, seconds: me.settings.heartbeat_seconds });
  const keys = create_keys(root, storage);
  const { dialog, confirm } = create_dialogs(root, keys);
  const sheet = () => show_sheet(keys, dialog);
  keys.use([{ id: "app.sheet", keys: ["?"], label: "Show all keys", group: "Everywhere", run: sheet }]);

  let stated = me.purposes.some((one) => one.code === purpose) ? purpose : (me.purposes[0]?.code ?? purpose);
  const frame = create_frame({
    me,
    save,
    keys,
    outbox,
    look: connection.look,
    go: (route) => go(route, {}),
    on_keys: sheet,
    on_purpose: change_purpose,
    on_sign_out: seat || me.settings.sign_out === null ? null : sign_out,
  });
  const stage = h(element.closest("main, [role=main]") ? "div" : "main", { class: "sf-stage" });
  root.append(frame.header, frame.banner, stage, frame.polite, frame.loud);
  const context = Object.freeze({
    me,
    api,
    save,
    keys,
    new_id,
    go,
    dialog,
    confirm,
    announce: frame.announce,
    alert: frame.alert,
    settings: me.settings,
    today: () => me.today,
    purpose: () => stated,
    set_purpose: (code) => {
      stated = code;
      frame.show_purpose(code);
    },
  });
  const stop_recovering = recover_quotes({ api, save, purpose: () => stated });
  context.set_purpose(stated);
  const heard = new Map(); // event id -> revision, of what was acknowledged
  save.on("receipt", ({ id, revision }) => heard.set(id, revision));
  save.adopt();

  let shown = null;
  let here = { route: "", params: {} };
  let turn = 0;

  /** Opens a screen. What is on its way is waited for first; what cannot be sent stays in the outbox. */
  async function go(route, parameters = {}, { remember = true } = {}) {
    const question = shown?.screen.before_leave?.();
    if (question && !(await confirm({ title: "Leave this page?", text: question, yes: "Leave it", no: "Stay here" }))) return;
    turn += 1;
    const mine = turn;
    if (save.unsaved().length) await save.idle();
    if (mine !== turn) return;
    settle_drafts(context, heard);
    shown?.screen.dispose?.();
    shown = null;
    here = { route, params: parameters };
    frame.show_links(route);
    if (alone) document.title = `${TITLES[route]} · Case sampling`; // never an id: titles stay in the browser's history
    if (alone && remember) history.pushState(null, "", `#${address_of(here)}`);
    const wanted = () => mine === turn;
    const screen = await open_screen({ stage, context, route, parameters, wanted, again: () => go(route, parameters) });
    if (wanted()) shown = { screen };
    else screen.dispose?.();
  }

  async function change_purpose() {
    const { ask_purpose } = await import("./purpose.js");
    const code = await ask_purpose(context, stated);
    if (code && here.route === "score") await go("score", { ...here.params, purpose: code });
  }

  async function sign_out() {
    const question = shown?.screen.before_leave?.();
    if (question && !(await confirm({ title: "Sign out?", text: question, yes: "Sign out", no: "Stay here" }))) return;
    const words = "Changes that are not saved yet would be thrown away. Stay, and sign out when the page says Saved.";
    if (save.unsaved().length && !(await save.idle()) && !(await confirm({ title: "Sign out all the same?", text: words, yes: "Throw them away and sign out", no: "Stay", danger: true }))) return;
    shown?.screen.dispose?.();
    shown = null;
    await save.idle(); // the time that was spent on the case
    save.forget();
    clear_drafts(true);
    const there = await api.post("sign_out", {}).then(() => true).catch(() => false);
    dispose_all();
    set_children(root, signed_out(there));
    focus_heading(root);
  }

  const back = () => {
    const asked = place_of(window.location.hash);
    if (asked) go(asked.route, asked.params, { remember: false });
  };
  if (alone) window.addEventListener("popstate", back);

  function dispose_all() {
    turn += 1;
    if (alone) window.removeEventListener("popstate", back);
    shown?.screen.dispose?.();
    shown = null;
    save.last_words();
    stop_recovering();
    connection.close();
    frame.close();
    save.close();
    keys.dispose();
  }

  const asked = (alone && place_of(window.location.hash)) || { route: params.review || screen !== "score" ? screen : "queue", params };
  if (!styled) console.warn("scoring form: the style sheet did not load");
  await go(asked.route in SCREENS ? asked.route : "queue", asked.params, { remember: false });
  import("./score.js").catch(() => {}); // at hand before the first case is opened
  return {
    dispose: () => {
      dispose_all();
      root.remove();
    },
  };
}

/**
 * Fills a holder with a screen. The screen before stays until the new one has something to show, so that nothing flashes; two never
 * stand at once, and one that nobody waits for any more (`wanted`) does not appear at all.
 */
async function open_screen({ stage, context, route, parameters, wanted, again }) {
  const holder = h("div", { class: "sf-screen" });
  const loading = h("p", { role: "status", class: "sf-loading" });
  const alone = () => {
    loading.remove();
    if (!wanted()) return holder.remove();
    for (const other of [...stage.children]) if (other !== holder) other.remove();
  };
  for (const before of stage.children) before.inert = true;
  const late = setTimeout(() => {
    if (!wanted()) return;
    for (const before of [...stage.children]) if (![holder, loading].includes(before)) before.remove();
    loading.textContent = "Loading…";
  }, PATIENT);
  const filled = new MutationObserver(alone);
  filled.observe(holder, { childList: true });
  stage.append(loading, holder);
  try {
    const module = await import(`./${SCREENS[route]}`);
    return (await module.show(holder, context, parameters)) ?? {};
  } catch (error) {
    if (error.status === undefined) console.error("scoring form:", error);
    show_failure(holder, error, again);
    return {};
  } finally {
    clearTimeout(late);
    filled.disconnect();
    alone();
  }
}

function show_failure(holder, error, again) {
  const words = error.status === undefined ? "This part of the page failed. Nothing is lost that was shown as saved." : error.message;
  set_children(
    holder,
    h("div", { class: "sf-page" }, h("h1", null, "This cannot be shown"), h("p", { role: "alert" }, words), button("Try again", { run: again })),
  );
  focus_heading(holder);
}

function signed_out(there) {
  return h(
    "div",
    { class: "sf-page" },
    h("h1", null, there ? "You are signed out" : "Close this browser"),
    h("p", null, "Nothing of yours is kept in this browser."),
    h("p", null, there ? "You can close this page." : "The server did not answer, so the browser may still be signed in. Close it to end that."),
  );
}

/** A place in the page's address: the route and ids, never a word of a case. */
function address_of({ route, params }) {
  const pairs = Object.entries(params).filter(([, value]) => typeof value === "string" && /^[0-9a-z_-]{1,64}$/.test(value));
  return [route, ...pairs.map(([name, value]) => `${name}=${value}`)].join("/");
}

function place_of(hash) {
  const [route, ...pairs] = hash.replace(/^#/, "").split("/");
  if (!(route in SCREENS)) return null;
  const known = pairs.map((pair) => pair.split("=")).filter(([name, value]) => /^[a-z_]+$/.test(name) && /^[0-9a-z_-]{1,64}$/.test(value ?? ""));
  return { route, params: Object.fromEntries(known) };
}

/** Puts the style sheets into the page once, and waits for the first, so that nothing is drawn without it. */
async function link_styles(api) {
  const wanted = STYLES.map((name) => {
    const address = api.address(`static/${name}`);
    const there = [...document.head.querySelectorAll("link[rel=stylesheet]")].find((link) => link.href === address);
    if (there) return Promise.resolve(true);
    const link = h("link", { rel: "stylesheet", href: address });
    const loaded = new Promise((resolve) => {
      link.addEventListener("load", () => resolve(true));
      link.addEventListener("error", () => resolve(false));
    });
    document.head.append(link);
    return loaded;
  });
  return wanted[0];
}
