// Asks the server, as JSON, with the protections that it wants.

export class ApiError extends Error {
  constructor(message, { status = 0, findings = [], offline = false } = {}) {
    super(message);
    this.status = status;
    this.findings = findings;
    this.offline = offline;
  }
}

const SILENT = "The server does not answer.";

function cookie(name) {
  const found = document.cookie.split("; ").find((one) => one.startsWith(name + "="));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

export function create_api({ base, seat = "" }) {
  const home = (base.endsWith("/") ? base : base + "/") + "sampling/";

  function address(path, query = {}) {
    const words = new URLSearchParams(query).toString();
    return home + path + (words ? "?" + words : "");
  }

  function headers() {
    const sent = { "X-XSRFToken": cookie("_xsrf") };
    if (seat) sent["X-Sampling-Seat"] = seat;
    return sent;
  }

  async function ask(path, { query, ...options }) {
    let answer;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 30_000);
    try {
      answer = await fetch(address(path, query), {
        credentials: "same-origin",
        cache: "no-store",
        signal: abort.signal,
        ...options,
        headers: { ...headers(), ...(options.headers || {}) },
      });
    } catch {
      throw new ApiError(SILENT, { offline: true });
    } finally {
      clearTimeout(timer);
    }
    let value = null;
    try {
      value = await answer.json();
    } catch {
      value = null;
    }
    if (answer.ok && value !== null) return value;
    const error = (value && value.error) || {};
    throw new ApiError(error.message || SILENT, {
      status: answer.status,
      findings: error.findings || [],
      offline: answer.status >= 500 || answer.status === 429 || value === null,
    });
  }

  return {
    get: (path, { query } = {}) => ask(path, { query }),
    post: (path, body) =>
      ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    address,
    /** Hands over what is left when the page goes; whether it arrived is seen at the next visit. */
    beacon: (path, body) =>
      navigator.sendBeacon(address(path, { _xsrf: cookie("_xsrf"), ...(seat ? { seat } : {}) }), JSON.stringify(body)),
  };
}
