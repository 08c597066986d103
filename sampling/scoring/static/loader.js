// Loads the form into a notebook's output, in Voilà and in JupyterLab alike. The form itself is app.js, from the same server.

const NO_SERVER =
  "The scoring form needs the server that it belongs to, and this page has none. Run: sampling score DIR. " +
  "Or open the notebook in JupyterLab on the computer where sampling is installed.";
const SERVER_SILENT =
  "The server does not answer. Nothing that was shown as saved is lost. See whether it still runs, then press Try again.";
const SIGNED_OUT = "This page is not signed in any more. Open the whole address again that you were given.";
const EXTENSION_OFF =
  "This Jupyter server does not have the scoring extension switched on. Run: jupyter server extension enable sampling.scoring, " +
  "then stop Jupyter and start it again. Or run: sampling score DIR.";
const BROKEN = "The scoring form could not be loaded, although the server answers. Reload the page; if it stays so, report it.";

function base_address() {
  const element = document.getElementById("jupyter-config-data");
  try {
    const base = element ? JSON.parse(element.textContent).baseUrl : document.body.dataset.baseUrl;
    return base ? new URL(base.endsWith("/") ? base : base + "/", document.location.origin).href : null;
  } catch {
    return null;
  }
}

async function reason(base) {
  try {
    const answer = await fetch(new URL("sampling/api/heartbeat", base), { credentials: "same-origin", cache: "no-store" });
    if (answer.ok) return BROKEN;
    return answer.status === 404 ? EXTENSION_OFF : answer.status === 403 ? SIGNED_OUT : SERVER_SILENT;
  } catch {
    return SERVER_SILENT;
  }
}

function say(root, sentence, again) {
  const text = document.createElement("p");
  text.setAttribute("role", "alert");
  text.textContent = sentence;
  root.replaceChildren(text);
  if (again) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Try again";
    button.addEventListener("click", again);
    root.append(button);
  }
}

function render({ model, el }) {
  const root = document.createElement("div");
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab: digits are levels here, not commands that delete cells
  root.lang = "en-GB";
  el.append(root);
  const base = base_address();
  let mounted = null;
  let closed = false;
  let tries = 0;

  async function start() {
    if (base === null) return say(root, NO_SERVER, null);
    try {
      // a failed import is remembered by the browser under its address, so a second try has another one
      const app = await import(new URL("sampling/static/app.js" + (tries ? "?try=" + tries : ""), base).href);
      tries += 1;
      root.replaceChildren();
      mounted = await app.mount(root, {
        base: new URL(base).pathname,
        seat: model.get("seat"),
        screen: model.get("screen"),
        purpose: model.get("purpose"),
      });
      if (closed) close();
    } catch (error) {
      tries += 1;
      console.error("scoring form:", error);
      say(root, await reason(base), start);
    }
  }

  function close() {
    closed = true;
    const dispose = typeof mounted === "function" ? mounted : mounted?.dispose;
    if (dispose) dispose.call(mounted);
    mounted = null;
  }

  start();
  return close;
}

export default { render };
