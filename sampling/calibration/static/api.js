// Asking the server of calibration: JSON there and back. A person is known by the cookies that the server set, and nothing is kept here.

const PATIENCE = 25_000; // the server itself answers "busy" after 20 seconds
export const SILENT = "The server does not answer.";
const NO_COOKIE = "This browser keeps no cookie for this page, and without it nothing can be stored. Allow cookies for this address, then reload the page.";

/** What went wrong, in words for the person; `status` 0 when no answer came at all. */
export class ApiError extends Error {
  /** @param {string} message @param {number} [status] @param {number} [retry] milliseconds that the server asks to wait */
  constructor(message, status = 0, retry = 0) {
    super(message);
    this.status = status;
    this.retry = retry;
  }

  /** Whether the same request may succeed later without any change to it. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** @param {string} base the path below which all of calibration lies; it ends in a slash */
export function create_api(base) {
  const root = new URL(base, document.location.href);
  const address = (path) => new URL(path, root).href;

  async function request(path, options) {
    try {
      return await fetch(address(path), {
        credentials: "same-origin", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE), ...options,
      });
    } catch {
      throw new ApiError(SILENT);
    }
  }

  async function get(path) {
    return read(await request(path, { headers: { Accept: "application/json" } }));
  }

  /** `keepalive` lets a request outlive the page that is being closed. */
  async function post(path, body, { keepalive = false } = {}) {
    if (!cookie("_xsrf")) await get("api/heartbeat"); // someone cleared the cookies while the page stood open
    if (!cookie("_xsrf")) throw new ApiError(NO_COOKIE, 403);
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-XSRFToken": cookie("_xsrf") };
    return read(await request(path, { method: "POST", headers, body: JSON.stringify(body), keepalive }));
  }

  return Object.freeze({ root, address, get, post });
}

async function read(answer) {
  let value = null;
  try {
    value = await answer.json();
  } catch {
    // An answer that is cut off, or that a proxy gave, is no answer of ours.
    throw new ApiError(answer.ok ? SILENT : `The server cannot answer now (${answer.status}).`, answer.ok ? 0 : answer.status);
  }
  if (answer.ok) return value;
  const words = value?.error?.message || `The server cannot answer now (${answer.status}).`;
  throw new ApiError(words, answer.status, 1000 * Number(answer.headers.get("Retry-After") || 0));
}
