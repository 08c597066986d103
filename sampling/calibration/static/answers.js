// A rater's answers of the open round, and the one loop that stores them: whole, one request after the other, again until the server has them.
// Nothing is kept in this browser: what is not stored yet is said to be so.

const QUIET = 300; // milliseconds after the last choice
const AGAIN = 3000;

/**
 * @param {any} api @param {string} session
 * @param {{line: any, changed: () => void}} on `changed` is called when the server's answers took the place of those here, and when it answered
 */
export function create_answers(api, session, { line, changed }) {
  let round = 0;
  let given = {};
  let locked = false;
  let version = 0; // of what is on the screen: it grows with each change, and the server keeps the highest, whichever request comes last
  let stored = 0; // and of what the server said it has
  let busy = false;
  let failing = false;
  let timer = 0;
  let touched = false; // something was chosen here in this round

  const is_stored = () => stored === version;

  /** Takes the server's answers, unless something here is newer. `fresh`: the view was asked for after the last answer was stored. */
  function adopt(view, fresh = false) {
    if (view.round !== round) {
      round = view.round;
      [given, locked, stored, failing, touched] = [{}, false, version, false, false];
      line.clear();
      clearTimeout(timer);
    } else if (busy || !is_stored()) return;
    const own = view.me.rounds[String(round)] ?? { locked: false, answers: {}, turn: 0 };
    version = stored = Math.max(version, own.turn);
    if (JSON.stringify([own.locked, sorted(own.answers)]) === JSON.stringify([locked, sorted(given)])) return;
    if (touched && !fresh) return void look_again();
    given = structuredClone(own.answers);
    locked = own.locked;
    line.saved();
    changed();
  }

  /** A view can be older than what was stored meanwhile, or another page of the same rater has answered: only a view asked for now tells. */
  async function look_again() {
    const at = version;
    try {
      const view = await api.get(`api/rate/${session}`);
      if (version === at && view.step === "scoring") adopt(view, true);
    } catch {
      // the page follows the session, and says so itself when it cannot
    }
  }

  const sorted = (answers) => Object.entries(answers).sort(([one], [other]) => one.localeCompare(other)).map(([ref, one]) => [ref, one.level, one.code, one.quote]);

  const body = () => ({ round, locked, turn: version, answers: Object.entries(given).map(([criterion, one]) => ({ criterion, ...one })) });

  function put(wait = QUIET) {
    version += 1;
    touched = true;
    if (!failing) line.saving();
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  }

  /** Returns "" once the server has what stood here, else why not. */
  async function send() {
    if (busy) return "";
    clearTimeout(timer);
    busy = true;
    const sent = version;
    let why = "";
    try {
      const done = await api.post(`api/rate/${session}/answers`, body());
      failing = false;
      if (done.saved) stored = sent;
      else if (version === sent) version = done.turn + 1; // another page of this rater was quicker: what is chosen here comes after it
      if (is_stored()) line.saved();
    } catch (error) {
      why = error.message;
      failing = true;
      line.failed(error.passing ? `${why} Trying again. Keep this page open.` : why);
      if (error.passing) timer = setTimeout(send, Math.max(error.retry, AGAIN));
    } finally {
      busy = false;
      changed();
    }
    if (!why && !is_stored()) return send();
    return why;
  }

  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
  addEventListener("beforeunload", (event) => {
    flush();
    if (failing && !is_stored()) event.preventDefault();
  });

  /** Sends what is still waiting, in a request that outlives the page. */
  function flush() {
    if (is_stored() || !round) return;
    api.post(`api/rate/${session}/answers`, body(), { keepalive: true }).catch(() => {});
  }

  return {
    adopt,
    of: (ref) => given[ref],
    missing: (refs) => refs.filter((ref) => !given[ref]),
    get locked() { return locked; },
    get stored() { return is_stored(); },
    get failing() { return failing && !is_stored(); },
    choose(ref, { level, code }) {
      given[ref] = { level, code, quote: given[ref]?.quote ?? "" };
      put();
    },
    quote(ref, words) {
      given[ref] = { ...given[ref], quote: words };
      put();
    },
    /** Locks or unlocks what stands here. It is shown as it is meant at once, and said to be so when it is stored. */
    lock(value) {
      locked = value;
      put(0);
    },
    retry: () => !is_stored() && send(),
  };
}
