"""The scoring server on one computer: Voilà with our interface beside it, our own doorkeeper, and nothing else of Jupyter.

It listens on this computer alone. A service that needs it across a network puts JupyterHub before it (docs/decisions/0012-scoring-server.md).
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tornado.ioloop
import tornado.web
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets import Any as AnyTrait
from traitlets import default
from traitlets.config import Config
from voila.app import Voila

from sampling.errors import UsageError
from sampling.keys import SECRET_VARIABLE
from sampling.policy import shared_folder
from sampling.scoring.server.answers import LOG, Refused
from sampling.scoring.server.facade import Facade
from sampling.scoring.server.handlers import Workers
from sampling.scoring.server.identity import Place, PlaceIdentity
from sampling.scoring.server.notebook import SERVED_VARIABLE
from sampling.scoring.server.pages import PLACE, NowhereHandler, page_routes
from sampling.scoring.server.routing import routes
from sampling.surroundings import environment

HOST = "127.0.0.1"

DEBUG_VARIABLE = "SAMPLING_DEBUG"
CULL_SECONDS = 4 * 3600  # a kernel that no page is connected to; nobody's work is in it
CULL_EVERY_SECONDS = 300
MAXIMUM_REQUEST = 64 * 1024 * 1024  # bytes; the interface keeps 4 MB of it and refuses the rest in words
TEMPLATE_FOLDER = Path(__file__).parents[1] / "voila_template"
_LIBRARIES = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]


class OneService:
    """The door under `sampling score`: there is one service, and each place is one person's."""

    may_sign_out = True

    def __init__(self, service: Facade) -> None:
        self._service = service

    def enter(self, user: str, seat: str) -> tuple[Facade, str]:
        """Returns the service and who asks. Raises Refused (403) for a seat, which belongs to a notebook in JupyterLab."""
        if seat:
            raise Refused(403, "This server takes no seats: it knows you by the address that you opened.")
        return self._service, user


class OwnPython(KernelSpecManager):
    """Knows one kernel: this very Python, whatever else is installed."""

    @default("kernel_dirs")
    def _no_folders(self) -> list[str]:
        return []


class PageKernels(AsyncMappingKernelManager):
    """Starts a kernel for each page, without the service's secret, and remembers for which place."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.place_of: dict[str, str] = {}

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Returns the id of a new kernel."""
        given = dict(kwargs.pop("env", None) or os.environ)
        given.pop(SECRET_VARIABLE, None)
        given[SERVED_VARIABLE] = "1"
        place = "/" + str(given.get("SCRIPT_NAME", "")).split("/")[1] + "/"
        kernel_id: str = await super().start_kernel(env=given, stderr=subprocess.DEVNULL, **kwargs)
        self.place_of[kernel_id] = place
        return kernel_id


class ScoringServer(Voila):
    """Voilà, narrowed to two notebooks and widened by the interface."""

    template_paths: list[str]
    port: int
    service = AnyTrait()
    places = AnyTrait()
    ioloop: Any = None
    ready = AnyTrait()  # called with the port as soon as the server listens

    @default("log_level")
    def _default_log_level(self) -> int:
        return logging.WARNING if os.environ.get(DEBUG_VARIABLE) else logging.CRITICAL

    def setup_template_dirs(self) -> None:
        """Puts our template before Voilà's."""
        super().setup_template_dirs()
        self.template_paths = [str(TEMPLATE_FOLDER), *self.template_paths]

    def init_settings(self) -> dict[str, Any]:
        """Returns Voilà's settings with ours: our own doorkeeper, and no address but this computer's."""
        settings: dict[str, Any] = super().init_settings()
        settings["identity_provider"].places = list(self.places)
        settings.update(
            allow_remote_access=False,
            local_hostnames=["localhost"],
            xsrf_cookie_kwargs={"samesite": "Strict"},
            default_handler_class=NowhereHandler,
        )
        return settings

    def init_handlers(self) -> list[Any]:
        """Returns all that can be reached."""
        door = OneService(self.service)
        return [*page_routes(self, door, self.workers), *routes(PLACE, door, self.workers)]

    def listen(self) -> None:
        """Serves until it is stopped."""
        server = HTTPServer(self.app, max_body_size=MAXIMUM_REQUEST)
        server.add_sockets(self.sockets)
        self.ioloop = tornado.ioloop.IOLoop.current()
        self.ioloop.add_callback(self.ready, self.port)
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            LOG.debug("stopped from the keyboard")
        finally:
            server.stop()
            self.stop()

    def start(self) -> None:
        """Serves until it is stopped, then lets running saves end. Raises UsageError when the port is taken."""
        self.sockets = _bound(self.port)
        self.port = self.sockets[0].getsockname()[1]
        self.workers = Workers()
        try:
            super().start()
        finally:
            self.workers.close()

    def _handle_signal_stop(self, sig: int, frame: Any) -> None:
        """Stops, also while it is still starting."""
        if self.ioloop is None:
            raise KeyboardInterrupt
        self.ioloop.add_callback_from_signal(self.ioloop.stop)


def _bound(port: int) -> list[Any]:
    try:
        return list(bind_sockets(port, HOST))
    except OSError as error:
        raise UsageError(
            f"Port {port} of this computer cannot be used ({error.strerror}). Another server may hold it: "
            f"give another one, as --port {port + 1}, or --port 0 for any that is free."
        ) from None


def address(place: Place, port: int) -> str:
    """Returns the whole address of a person's place, with the token that opens it."""
    return f"http://{HOST}:{port}{place.path}?token={place.token}"


def open_browser(whole_address: str) -> None:
    """Opens the address in this computer's browser, where it has one with windows.

    A command's words can be read by every user of a computer, so the browser is given a file of ours that holds the token.
    """
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    page = Path(os.environ["JUPYTER_RUNTIME_DIR"]) / "open.html"
    page.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    page.write_text(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={whole_address}">', encoding="ascii")
    webbrowser.open(page.as_uri())


def serve(service: Facade, places: Sequence[Place], *, port: int, ready: Callable[[int], None]) -> None:
    """Serves the service until Ctrl+C or SIGTERM. Raises UsageError when the port is taken."""
    if os.environ.get(DEBUG_VARIABLE):
        LOG.addHandler(logging.StreamHandler())
        LOG.setLevel(logging.DEBUG)
    with _own_folders():
        app = ScoringServer(
            service=service, places=tuple(places), ready=ready, port=port, config=_config(), config_file_paths=[]
        )
        app.initialize(argv=[])
        app.start()


def _config() -> Config:
    page = {
        "template": "lab",
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "strip_sources": True,
        "show_tracebacks": False,
        "preheat_kernel": False,
        "file_allowlist": [],
        "multi_kernel_manager_class": PageKernels,
        "kernel_spec_manager_class": OwnPython,
        "extension_allowlist": _LIBRARIES,
    }
    culling = {"cull_idle_timeout": CULL_SECONDS, "cull_interval": CULL_EVERY_SECONDS, "cull_connected": False}
    server = {
        "identity_provider_class": PlaceIdentity,
        "root_dir": str(shared_folder("notebooks")),
        "open_browser": False,
    }
    screen = {"exclude_markdown": True}  # what a notebook says beside the form is for JupyterLab
    return Config(
        {
            "KernelManager": {"autorestart": False},
            "Voila": server,
            "VoilaConfiguration": page,
            "VoilaExporter": screen,
            "MappingKernelManager": culling,
        }
    )


@contextmanager
def _own_folders() -> Iterator[None]:
    """Keeps the user's own Jupyter settings, start-up files and history out of the server and its kernels."""
    with tempfile.TemporaryDirectory(prefix="sampling-score-", ignore_cleanup_errors=True) as folder:
        own = {
            "JUPYTER_CONFIG_DIR": f"{folder}/config",
            "JUPYTER_RUNTIME_DIR": f"{folder}/runtime",
            "JUPYTER_NO_CONFIG": "1",
            "IPYTHONDIR": f"{folder}/ipython",
        }
        with environment(own):
            yield
