"""What `sampling score` serves beside the interface: the door, the notebooks as pages, and what their widgets need of Voilà.

Nothing else of Jupyter is reachable: no files, no terminals, no list of kernels, and a kernel takes widgets' messages alone.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyterlab_server.themes_handler import ThemesHandler
from voila.handler import VoilaHandler
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from sampling.scoring.server.answers import PlainHandler, Refused
from sampling.scoring.server.facade import Door
from sampling.scoring.server.handlers import SIGN_OUT, ApiHandler, Workers
from sampling.scoring.server.identity import PlaceIdentity

PLACE = r"/[0-9]{1,3}"
SCREENS = {"score": "02_score.ipynb", "follow_up": "03_follow_up.ipynb"}
_KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
# Voilà's page brings scripts of its own in the page, and Jupyter's settings code compiles schemas: both stay on this machine.
_PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class AtPlace(PlainHandler):
    """Answers below one person's place, to that person alone."""

    identity_provider: PlaceIdentity
    open_to_all = False  # the door, which takes the token, and the answer to every other address

    async def prepare(self) -> None:  # type: ignore[override]
        """Lets in only the person whose place this is."""
        await super().prepare()
        if self.current_user is None and not self.open_to_all and not self._finished:
            raise Refused(403)

    @property
    def base_url(self) -> str:
        """Returns the path of the place, which the page takes for the root of its server."""
        place = self.identity_provider.place_of(self)
        return place.path if place else "/"

    def own_kernel(self, kernel_id: str) -> None:
        """Raises 404 unless the kernel was started for this very place."""
        kernels: Any = self.kernel_manager  # PageKernels of sampling.scoring.server.launch
        if kernels.place_of.get(kernel_id) != self.base_url:
            raise Refused(404)


class DoorHandler(AtPlace):
    """The address that a person was given: takes the token, and shows the address without it from then on."""

    log_name = "door"
    open_to_all = True

    @allow_unauthenticated
    def get(self) -> None:
        """Signs in and goes on to the form.

        The page itself leads on, and no redirect does: a browser that came from elsewhere would not send the new cookie with one.
        """
        token = self.get_query_argument("token", "")
        known = self.identity_provider.sign_in(self, token) if token else self.current_user is not None
        if not known:
            raise Refused(403)
        form = self.base_url + "score"
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={form}">'
            f'<title>Scoring</title></head><body><main><p><a href="{form}">Go on to the form</a></p></main></body></html>'
        )


class ScreenHandler(AtPlace, VoilaHandler):
    """One notebook as a page."""

    log_name = "screen"
    policy = _PAGE_POLICY

    async def get(self) -> None:
        """Answers with the notebook, as Voilà renders it."""
        assert self.xsrf_token  # sets the cookie that the form sends back
        async for html in self.get_generator():
            self.write(html)
            await self.flush()


class OwnKernelHandler(AtPlace, KernelHandler):
    """Tells a page that its kernel is there."""

    log_name = "kernel"

    async def get(self, kernel_id: str) -> None:
        """Answers with the kernel's model."""
        self.own_kernel(kernel_id)
        model: Any = super().get(kernel_id)
        await model

    async def delete(self, kernel_id: str) -> None:
        """Kernels end by themselves."""
        raise Refused(405)


class OwnChannelsHandler(AtPlace, VoilaKernelWebsocketHandler):
    """The widgets' messages. The kernel manager refuses every other kind, code to run above all."""

    log_name = "channels"

    async def pre_get(self) -> None:
        """Lets a page reach its own kernel only."""
        self.own_kernel(self.kernel_id)
        await super().pre_get()

    async def get(self, kernel_id: str) -> None:
        """Opens the channel."""
        self.kernel_id = kernel_id
        opened: Any = super().get(kernel_id=kernel_id)
        await opened


class LeavingHandler(AtPlace):
    """Ends the kernel of a page that is being closed.

    The browser cannot send the XSRF header then (voila issue 1458). The cookie is never sent from another site (SameSite=Strict),
    the kernel must be this person's, and nobody's work is in it.
    """

    log_name = "leaving"

    def check_xsrf_cookie(self) -> None:
        """See above."""

    async def post(self, kernel_id: str) -> None:
        """Ends the kernel."""
        self.own_kernel(kernel_id)
        kernels: Any = self.kernel_manager
        await kernels.shutdown_kernel(kernel_id)
        self.set_status(204)
        self.finish()


class SignOutHandler(AtPlace, ApiHandler):
    """Signs out."""

    log_name = "sign_out"

    async def post(self) -> None:
        """Clears the cookie."""
        self.identity_provider.sign_out(self)
        self.reply({"signed_out": True})


class NowhereHandler(AtPlace):
    """Every other address."""

    log_name = "nowhere"
    open_to_all = True

    @allow_unauthenticated
    def get(self) -> None:
        """There is nothing here, or the person is not signed in."""
        raise Refused(404 if self.current_user else 403)

    post = put = patch = delete = get


class LibraryHandler(AtPlace, FileFindHandler):
    """The scripts of the widget libraries."""

    log_name = "library"
    keeping = "no-cache"


class LookHandler(AtPlace, ThemesHandler):
    """The style sheets of Jupyter's light theme."""

    log_name = "look"
    keeping = "no-cache"


class VoilaFilesHandler(AtPlace, MultiStaticFileHandler):
    """Voilà's own scripts."""

    log_name = "voila"
    keeping = "no-cache"


def page_routes(voila: Any, door: Door, workers: Workers) -> list[tuple[Any, ...]]:
    """Returns the routes of the pages; `voila` is the running application, which knows where its libraries lie."""
    about = {"voila_configuration": voila.voila_configuration, "template_paths": voila.template_paths}
    screens = [
        (f"{PLACE}/{screen}", ScreenHandler, {**about, "config": voila.config, "notebook_path": name})
        for screen, name in SCREENS.items()
    ]
    files = {"paths": voila.static_paths}
    look = {
        "themes_url": "/voila/api/themes",
        "path": voila.themes_dir,
        "labextensions_path": voila.labextensions_path,
        "no_cache_paths": ["/"],
    }
    return [
        (f"{PLACE}/", DoorHandler),
        *screens,
        (f"{PLACE}/sampling/{SIGN_OUT}", SignOutHandler, {"door": door, "workers": workers}),
        (f"{PLACE}/api/kernels/{_KERNEL}", OwnKernelHandler),
        (f"{PLACE}/api/kernels/{_KERNEL}/channels", OwnChannelsHandler),
        (f"{PLACE}/voila/api/shutdown/(.*)", LeavingHandler),
        (f"{PLACE}/voila/templates/lab/static/(.*)", VoilaFilesHandler, files),
        (f"{PLACE}/voila/static/(.*)", VoilaFilesHandler, files),
        (f"(?:{PLACE})?/voila/api/themes/(.*)", LookHandler, look),
        (
            f"{PLACE}/voila/labextensions/(.*)",
            LibraryHandler,
            {"path": voila.labextensions_path, "no_cache_paths": ["/"]},
        ),
    ]
