"""What every answer of the server has in common: plain errors, safe headers, and a log that holds nobody's words."""

from __future__ import annotations

import hashlib
import logging
import re
import traceback
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from tornado.escape import xhtml_escape

from sampling.errors import Finding, SamplingError, StateError, StorageError

LOG = logging.getLogger("sampling.scoring")
BUSY_SECONDS = 2  # what a page waits before it tries again
FAULT = "The program failed while answering. Nothing was lost that was shown as saved. Please report the time of day to whoever runs this server."
# A state that may pass (a lock, a draw that is just being made, a disk) is worth another try: the page keeps what it has.
_STATUS: tuple[tuple[type[BaseException], int], ...] = (
    (StateError, 503),
    (StorageError, 503),
    (OSError, 503),
    (SamplingError, 400),
)
_WORDS = {
    400: "The request could not be read.",
    403: "This page is not signed in. Open the whole address again that you were given.",
    404: "There is nothing at this address.",
    405: "This address does not take such a request.",
    413: "That was too much at once. Nothing of it was kept.",
    503: "The computer is busy. Nothing is lost; the page tries again.",
}


_STATIC_NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}\.(js|css)\Z")
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


class Refused(SamplingError):
    """A request that the server itself turns down, with the HTTP status that says how."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message or _WORDS.get(status, FAULT))
        self.status = status


def status_of(error: BaseException) -> int:
    """Returns the HTTP status of an error: its own `status`, else that of its kind, else 500."""
    if isinstance(error, web.HTTPError):
        return int(error.status_code)
    from sampling.journal.faults import DraftError  # late: a Jupyter server that never scores needs no database library

    if isinstance(error, DraftError):
        return 400
    own = getattr(error, "status", None)
    if isinstance(own, int):
        return own
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_body(error: BaseException | None, status: int) -> dict[str, Any]:
    """Returns what a person is told of an error: our own words, never another library's, which could quote a value."""
    ours = error if isinstance(error, SamplingError) else None
    message = ours.message if ours else _WORDS.get(status, FAULT)
    findings = [{"where": finding.where, "text": _sentence(finding)} for finding in ours.findings] if ours else []
    return {"error": {"message": message, "findings": findings}}


def _sentence(finding: Finding) -> str:
    """Returns a finding as its page says it: where it is stands beside it, and its code is for the command line."""
    seen = f", got {finding.seen}" if finding.seen else ""
    said = f"{finding.message}{seen}"
    stop = "" if said.endswith(("?", "!", ".")) else "."
    return f"{said}{stop} {finding.next_step}".strip()


def place_of_failure(error: BaseException) -> str:
    """Returns an error's kind and where it arose, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    last = f" at {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{last}"


class PlainHandler(JupyterHandler):
    """A Jupyter handler that answers errors in words and logs neither queries nor bodies."""

    log_name = "page"
    policy = "default-src 'none'; frame-ancestors 'none'"
    keeping = "no-store"  # whether the browser may keep the answer; "no-cache" asks again whether it has changed

    @property
    def content_security_policy(self) -> str:
        """Returns the policy that the browser holds the answer to."""
        return self.policy

    def set_default_headers(self) -> None:
        """Sets the headers of every answer, errors included."""
        super().set_default_headers()
        self.set_header("Cache-Control", self.keeping)
        self.clear_header("Server")
        self.set_header("Referrer-Policy", "no-referrer")

    def send_file(self, folder: Path, name: str) -> None:
        """Answers with a script or style of a folder of ours, by its plain name and nothing else. Raises Refused (404) where there is none."""
        path = folder / name if _STATIC_NAME.match(name) else None
        if path is None or not path.is_file():
            raise Refused(404)
        content = path.read_bytes()
        self.set_header("Content-Type", _TYPES[path.suffix])
        self.set_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
        else:
            self.finish(content)

    def get_login_url(self) -> str:
        """There is no login page: whoever is not signed in is told so."""
        raise web.HTTPError(403)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Gives each error of ours the status of its kind."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        super().send_error(status_code if error is None else status_of(error), **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answers an error as a small page."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        message = error_body(error, status_code)["error"]["message"]
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Scoring</title></head>'
            f"<body><main><h1>Scoring</h1><p>{xhtml_escape(message)}</p></main></body></html>"
        )

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Logs the kind of an error and its place in the program: its text could quote a case."""
        if value is not None and status_of(value) >= 500:
            LOG.error("%s: %s", self.log_name, place_of_failure(value))

    def _log(self) -> None:
        """Logs one line for each answer: no query, no body, and of the path only what it is for."""
        status = self.get_status()
        level = logging.ERROR if status >= 500 else logging.INFO if status >= 400 else logging.DEBUG
        milliseconds = 1000 * self.request.request_time()
        LOG.log(level, "%s %s %s %.0f ms", status, self.request.method, self.log_name, milliseconds)
