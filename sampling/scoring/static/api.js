// Asking the server: JSON there and back, with the XSRF token and, in a notebook, the seat. Nothing is sent anywhere else.

const PATIENCE = 25_000; // the server itself answers "busy" after 20 seconds
const SILENT = "The server does not answer.";
const NO_COOKIE =
  "This browser keeps no cookie for this page, and without it the server takes no changes. Allow cookies for this address, then press Reload safely.";

/** What went wrong, in words for the person. `offline`: no answer came at all. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, findings?: Array<{where: string, text: string}>, retry?: number, page?: boolean}} [about] `page`: it is the
   *   page that the server does not take anything from, whatever is sent
   */
  constructor(message, { status = 0, findings = [], retry = 0, page = false } = {}) {
    super(message);
    this.status = status;
    this.findings = findings;
    this.retry = retry; // milliseconds that the server asks to wait
    this.offline = status === 0;
    this.page = page;
    this.of_these = false; // set by who has found out that it is what was sent, and nothing else, that is refused
  }

  /** Whether the same request may succeed later without any change to it. */
  get passing() {
    return this.offline || this.status === 403 || this.status === 404 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/**
 * @param {{base: string, seat?: string}} place the path of the server, which ends in a slash
 */
export function create_api({ base, seat = "" }) {
  const root = new URL("sampling/", new URL(base, document.location.href));

  function address(path, query = {}) {
    const url = new URL(path, root);
    for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, String(value));
    return url.href;
  }

  async function ask(path, { query, method = "GET", body, patience = PATIENCE } = {}) {
    if (method !== "GET" && !cookie("_xsrf")) await renew_token(patience);
    return read(await request(path, { query, method, body, patience }));
  }

  /** Someone cleared the cookies while the page stood open: a heartbeat brings the one that changes need. */
  async function renew_token(patience) {
    const answer = await request("api/heartbeat", { patience });
    if (!answer.ok) await read(answer); // says what is wrong
    if (!cookie("_xsrf")) throw new ApiError(NO_COOKIE, { status: 403, page: true });
  }

  async function request(path, { query, method = "GET", body, patience }) {
    const headers = { Accept: "application/json" };
    if (seat) headers["X-Sampling-Seat"] = seat;
    if (method !== "GET") Object.assign(headers, { "X-XSRFToken": cookie("_xsrf"), "Content-Type": "application/json" });
    try {
      return await fetch(address(path, query), {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: AbortSignal.timeout(patience),
      });
    } catch {
      throw new ApiError(SILENT);
    }
  }

  /** Sends without waiting, while the page is being closed. Returns whether the browser took it. */
  function beacon(path, body) {
    const query = { _xsrf: cookie("_xsrf"), seat };
    return navigator.sendBeacon(address(path, query), new Blob([JSON.stringify(body)], { type: "text/plain;charset=UTF-8" }));
  }

  return Object.freeze({
    address,
    /** The address of a page that opens by itself: it cannot send the seat as a header. */
    link: (path, query = {}) => address(path, { ...query, seat }),
    beacon,
    get: (path, { query, patience } = {}) => ask(path, { query, patience }),
    post: (path, body, { patience } = {}) => ask(path, { method: "POST", body, patience }),
  });
}

async function read(answer) {
  let value = null;
  try {
    value = await answer.json();
  } catch {
    // An answer that is cut off, or that a proxy gave, is no answer of ours.
    throw new ApiError(answer.ok ? SILENT : `The server cannot answer now (${answer.status}).`, { status: answer.ok ? 0 : answer.status });
  }
  if (answer.ok) return value;
  const said = value?.error;
  throw new ApiError(said?.message || `The server cannot answer now (${answer.status}).`, {
    status: answer.status,
    findings: Array.isArray(said?.findings) ? said.findings : [],
    retry: 1000 * Number(answer.headers.get("Retry-After") || 0),
  });
}
