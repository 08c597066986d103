// What stands around every screen: who is here and why, what is saved, the way to the other screens, the keys, and the way out.

import { button, clear, h, set_children, text } from "./dom.js";

const ALARM = 5000; // milliseconds of "not saved" after which it is said once aloud
const SETTLED = 1500; // and of "saved" before that is said: whoever types is not told with every pause

const LINKS = [
  ["queue", "Cases", () => true],
  ["follow_up", "Follow-up", (roles) => roles.some((role) => ["supervisor", "lead", "second_rater"].includes(role))],
  ["moderation", "Moderation", (roles) => roles.some((role) => ["supervisor", "second_rater", "moderator", "lead"].includes(role))],
  ["sessions", "Sessions", (roles) => roles.some((role) => ["supervisor", "supervisee", "lead"].includes(role))],
  ["supervision", "Supervision", (roles) => roles.some((role) => ["supervisor", "supervisee", "lead"].includes(role))],
  ["patterns", "Patterns", (roles) => roles.includes("lead")],
];

const BELONGS = { score: "queue", reply: "queue", compare: "follow_up", session: "sessions" }; // a page that a list leads to

/**
 * @param {{me: any, save: any, keys: any, look: () => Promise<boolean>, go: (route: string) => void, outbox: any,
 *   on_keys: () => void, on_purpose: () => void, on_sign_out: (() => void) | null}} about
 */
export function create_frame(about) {
  const { me, save, keys } = about;
  const polite = h("p", { class: "sf-visually-hidden", role: "status" });
  const loud = h("div", { class: "sf-visually-hidden", role: "alert" });
  const state = h("p", { class: "sf-state", dataset: { state: "saved" } });
  const spoken = h("p", { class: "sf-visually-hidden sf-spoken", role: "status" }); // what of it is said aloud
  const banner = h("div", { class: "sf-banner", hidden: true });
  const navigation = h("nav", { "aria-label": "Screens", class: "sf-nav" });
  const purpose = button("", { kind: "quiet small sf-purpose", run: about.on_purpose });
  const header = h(
    "header",
    { class: "sf-head" },
    navigation,
    h("div", { class: "sf-person" }, h("span", { class: "sf-who" }, me.person.name), purpose),
    state,
    spoken,
    button("Keys", { kind: "quiet small", key: keys.print("app.sheet"), run: about.on_keys }),
    about.on_sign_out ? button("Sign out", { kind: "quiet small", run: about.on_sign_out }) : null,
  );

  /** Says something once aloud: an alert that is put in anew is read even when its words are the same. */
  function alert(words) {
    clear(loud);
    loud.append(h("p", null, words));
  }

  function show_links(route) {
    const roles = me.person.roles;
    const shown = LINKS.filter(([, , may]) => may(roles));
    const follow = (name) => (event) => {
      event.preventDefault();
      about.go(name);
    };
    const link = ([name, label]) =>
      h("li", null, h("a", { href: `#${name}`, "aria-current": (BELONGS[route] ?? route) === name ? "page" : null, on: { click: follow(name) } }, label));
    set_children(navigation, h("ul", null, shown.map(link)));
  }

  function show_purpose(code) {
    const label = me.purposes.find((one) => one.code === code)?.label ?? "not stated";
    set_children(purpose, h("span", { class: "sf-visually-hidden" }, "Purpose: "), label);
    purpose.title = `Purpose: ${label}`;
  }

  const off = follow_saving({ state, spoken, banner, alert, save, outbox: about.outbox, look: about.look });
  return { header, banner, polite, loud, alert, show_links, show_purpose, announce: (words) => text(polite, words), close: off };
}

/** Shows the three states, says the third aloud once more, and offers a safe reload when the server is gone. */
function follow_saving({ state, spoken, banner, alert, save, outbox, look }) {
  let alarm = 0;
  let settled = 0;
  const end = () => {
    clearTimeout(alarm);
    alarm = 0;
  };
  /** What is finished is said, and what is on its way is not; "not saved" once, however much is typed meanwhile. */
  const speak = (name, words) => {
    if (name === state.dataset.state) return;
    clearTimeout(settled);
    if (name === "saved") settled = setTimeout(() => text(spoken, state.textContent), SETTLED);
    else if (name === "unsaved") text(spoken, words);
  };
  const show = (name, words, about) => {
    speak(name, words);
    state.dataset.state = name;
    const [, strong, rest] = /^(Not saved\.)?(.*)$/s.exec(words);
    if (state.textContent !== words) set_children(state, strong ? h("strong", null, strong) : null, rest);
    if (name !== "unsaved") end();
    else if (!alarm) alarm = setTimeout(() => alert(save.words), ALARM);
    show_banner({ banner, save, outbox, look, lost: about.lost });
  };
  show(save.state, save.words, { lost: false });
  const off = save.on("state", show);
  return () => {
    end();
    clearTimeout(settled);
    off();
  };
}

function show_banner({ banner, save, outbox, look, lost }) {
  const failure = save.failure && !save.failure.offline ? save.failure.message : "";
  const storage = { blocked: "This browser does not let the page keep unsaved changes.", full: "This browser has no room left for unsaved changes." }[outbox.why];
  const kept = outbox.why ? "The fields are locked until it answers again." : "You can go on: what you write is kept on this computer and is sent when it answers again.";
  const sentence = lost ? `The server does not answer. ${kept}` : failure || (storage ? `${storage} What you write is safe once the page says Saved; without a connection the fields are locked.` : "");
  const was = banner.dataset.sentence ?? "";
  banner.hidden = !sentence;
  if (was === sentence) return;
  banner.dataset.sentence = sentence;
  const answer = h("span", { role: "status" });
  const reload = lost || failure ? button("Reload safely", { run: () => reload_safely({ save, outbox, look, answer }) }) : null;
  set_children(banner, h("p", null, sentence), reload, answer);
}

/** Reloads when nothing can be lost by it: the server is there, and what is unsaved is kept in this browser. */
async function reload_safely({ save, outbox, look, answer }) {
  text(answer, "Asking the server…");
  const there = await look();
  if (there) await save.idle();
  if (save.unsaved().length && outbox.why) return text(answer, "Some changes are on this page alone, so a reload would lose them. Keep it open; it goes on trying.");
  if (!there) return text(answer, "The server does not answer yet, and a reload would bring an empty page. Keep this one open; it goes on trying.");
  window.location.reload();
}
