"""`sampling calibrate`: the server of live calibration on one computer, without Jupyter's pages and without a kernel.

By default it listens on this computer alone. To let phones in, the trainer names an address of this computer in the room's network.
"""

from __future__ import annotations

import asyncio
import atexit
import hmac
import ipaddress
import logging
import os
import secrets
import shutil
import signal
import tempfile
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider, User
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets, ssl_options_to_context

from sampling.calibration.live import Live
from sampling.calibration.server.handlers import NowhereHandler, routes
from sampling.calibration.server.rooms import MOST_WAITING, Room, RoomHandler
from sampling.errors import UsageError
from sampling.scoring.server.answers import LOG, Refused
from sampling.scoring.server.handlers import Workers

LOOPBACK = "127.0.0.1"
TRAINER_COOKIE = "calibration-trainer"
MAXIMUM_REQUEST = 256 * 1024  # bytes; a page hands in far less
DEBUG_VARIABLE = "SAMPLING_DEBUG"


@dataclass(frozen=True)
class Listen:
    """Where the server listens: a host of this computer, a port (0 for any), and for HTTPS a certificate and its key."""

    host: str = LOOPBACK
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None


class TrainerIdentity(IdentityProvider):
    """Knows one user, the trainer, by a signed cookie that the address with the token brings."""

    def get_user(self, handler: web.RequestHandler) -> User | None:
        """Returns the trainer, or None."""
        known = handler.get_signed_cookie(TRAINER_COOKIE, max_age_days=1) == b"trainer"
        return User("trainer") if known else None

    @property
    def auth_enabled(self) -> bool:
        """Always."""
        return True


class DoorHandler(RoomHandler):
    """The address that the trainer was given: takes the token, and shows the address without it from then on."""

    def initialize(self, room: Room, token: str) -> None:  # type: ignore[override]
        """Takes the token that is right."""
        super().initialize(room)
        self._right = token

    write_error = RoomHandler.error_page

    @allow_unauthenticated
    def get(self) -> None:
        """Signs the trainer in. The page itself leads on: a browser would not send the new cookie with a redirect from elsewhere."""
        token = self.get_query_argument("token", "")
        if not hmac.compare_digest(token.encode(), self._right.encode()):
            raise Refused(403)
        secure = self.request.protocol == "https"
        self.set_signed_cookie(
            TRAINER_COOKIE, "trainer", expires_days=None, path="/", httponly=True, samesite="Strict", secure=secure
        )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/calibrate/">'
            '<title>Calibration</title></head><body><main><p><a href="/calibrate/">Go on to the trainer\'s page</a></p></main></body></html>'
        )


class FrontHandler(RoomHandler):
    """The bare address, which raters type: leads to the page where they join."""

    @allow_unauthenticated
    def get(self) -> None:
        """Leads on."""
        self.redirect("/calibrate/join")


def serve(live: Live, listen: Listen, *, ready: Callable[[str, str], None]) -> None:
    """Serves until Ctrl+C or SIGTERM; `ready` is called with the trainer's whole address and the one that raters type.

    Raises UsageError for a host that is not of this computer, a port that is taken, or a certificate that cannot be used.
    """
    if os.environ.get(DEBUG_VARIABLE):
        LOG.addHandler(logging.StreamHandler())
        LOG.setLevel(logging.DEBUG)
    asyncio.run(_serve(live, listen, ready))


async def _serve(live: Live, listen: Listen, ready: Callable[[str, str], None]) -> None:
    tls, workers = _tls(listen), Workers(MOST_WAITING)
    sockets = _bound(listen)
    port, token = sockets[0].getsockname()[1], secrets.token_urlsafe(32)
    scheme = "https" if tls else "http"
    site = f"{scheme}://{_shown(listen.host)}:{port}"
    room = Room(workers, lambda handler: handler.current_user is not None, live=live)
    room.join_address = site
    server = HTTPServer(application(room, listen.host, token), ssl_options=tls, max_body_size=MAXIMUM_REQUEST)
    server.add_sockets(sockets)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ready(f"{site}/trainer?token={token}", site)
    try:
        await stop.wait()
    finally:
        server.stop()
        await asyncio.wait_for(server.close_all_connections(), 5)
        workers.close()


def open_browser(address: str) -> None:
    """Opens the trainer's address in this computer's browser.

    A command's words can be read by every user of a computer, so the browser is given a file of ours that holds the token.
    """
    folder = Path(tempfile.mkdtemp(prefix="sampling-calibrate-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    page = folder / "open.html"
    page.write_text(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={address}">', encoding="ascii")
    webbrowser.open(page.as_uri())


def application(room: Room, host: str, token: str) -> web.Application:
    """Returns the web application: the door for the trainer, the bare address for raters, and the rooms."""
    about = {"room": room}
    settings: dict[str, Any] = {
        "base_url": "/",
        "identity_provider": TrainerIdentity(),
        "authorizer": AllowAllAuthorizer(),
        "cookie_secret": secrets.token_bytes(32),
        "xsrf_cookies": True,
        "xsrf_cookie_kwargs": {"samesite": "Strict"},
        "allow_remote_access": False,
        "local_hostnames": ["localhost", host],
        "allow_unauthenticated_access": False,
        "default_handler_class": NowhereHandler,
        "default_handler_args": about,
    }
    front: list[tuple[Any, ...]] = [(r"/trainer", DoorHandler, {**about, "token": token}), (r"/", FrontHandler, about)]
    return web.Application([*front, *routes("", room)], **settings)


def _bound(listen: Listen) -> list[Any]:
    if listen.host in ("", "0.0.0.0", "::"):  # pages would be told an address that nobody can open
        raise UsageError(
            "Name one address of this computer with --host, such as 192.168.1.20: the wall shows it to the raters."
        )
    try:
        return list(bind_sockets(listen.port, listen.host))
    except OSError as error:
        raise UsageError(
            f"{listen.host} port {listen.port} of this computer cannot be used ({error.strerror}). Name an address that this computer has in "
            "the room's network with --host, and another port with --port, or --port 0 for any that is free."
        ) from None


def _tls(listen: Listen) -> Any:
    """Returns what encrypts, or None without a certificate."""
    if listen.certificate is None:
        return None
    files = {"certfile": str(listen.certificate), **({"keyfile": str(listen.key)} if listen.key else {})}
    try:
        return ssl_options_to_context(files, server_side=True)
    except OSError:  # of which a fault in the certificate is one
        raise UsageError(
            "The certificate cannot be used. Give the PEM file of the certificate, and that of its key."
        ) from None


def _shown(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host
