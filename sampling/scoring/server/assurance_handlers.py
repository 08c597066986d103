"""The addresses of assurance: pages as JSON, and a supervisee's own file to keep."""

from __future__ import annotations

from typing import Any, Literal, cast

from sampling.scoring.server import clock
from sampling.scoring.server.answers import PlainHandler
from sampling.scoring.server.facade import Facade
from sampling.scoring.server.handlers import ApiHandler

_TYPES = {"txt": "text/plain; charset=utf-8", "json": "application/json; charset=utf-8"}


class FileHandler(ApiHandler):
    """Answers with a supervisee's own file. It is opened by a link, so its refusals are pages, too."""

    log_name = "assurance_file"

    async def get(self, kind: str) -> None:
        """Answers with the file, and has it recorded that it was taken."""
        now, wanted = clock.now(), cast(Literal["txt", "json"], kind)
        content = await self.ask(lambda service, actor: service.assurance_export(actor, wanted, now=now))
        self.set_header("Content-Type", _TYPES[kind])
        self.set_header("Content-Disposition", f'attachment; filename="supervision-file-{now.date()}.{kind}"')
        self.finish(content)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answers an error as a page."""
        PlainHandler.write_error(self, status_code, **kwargs)


class PersonHandler(ApiHandler):
    """Answers with one page of a pair; `period` in the query names another span than the newest."""

    log_name = "assurance_person"

    async def get(self, *ids: str) -> None:
        """Answers with the own file, or that of the supervisee who is named."""
        period, now = self.get_query_argument("period", "")[:20], clock.now()

        def page(service: Facade, actor: str) -> dict[str, Any]:
            if ids:
                return service.assurance_person(actor, ids[0], period=period, now=now)
            return service.assurance_mine(actor, period=period, now=now)

        self.reply(await self.ask(page))
