"""The record of one case as a page, a PDF, or a text to paste into the case system."""

from __future__ import annotations

from typing import Any

from sampling.scoring.server import clock
from sampling.scoring.server.answers import PlainHandler
from sampling.scoring.server.facade import Facade
from sampling.scoring.server.handlers import ApiHandler

PRINT_SECONDS = 120.0  # a person waits for the page that they asked for; nothing tries it again by itself
_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "txt": "text/plain; charset=utf-8"}


class RecordHandler(ApiHandler):
    """Answers with a record. It is opened by a link, so its refusals are pages, too."""

    log_name = "record"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

    async def get(self, review: str, kind: str) -> None:
        """Answers with the record, and has it recorded that it was opened and why."""
        purpose, now = self.get_query_argument("purpose", "supervision"), clock.now()

        def made(service: Facade, actor: str) -> bytes:
            from sampling.scoring.record.page import html_page
            from sampling.scoring.record.pdf import pdf_bytes
            from sampling.scoring.record.text import plain_text

            record = service.record(actor, review, purpose=purpose, now=now)
            if kind == "pdf":
                return pdf_bytes(record)
            if kind == "html":
                return html_page(record).encode()
            kept = service.policy.copies == "kept"
            return plain_text(record, text_kept=kept, comment_to_level=service.policy.comment_to_level).encode()

        content = await self.ask(made, PRINT_SECONDS)
        self.set_header("Content-Type", _TYPES[kind])
        self.set_header("Content-Disposition", f'inline; filename="record-{review[:8]}.{kind}"')
        self.finish(content)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answers an error as a page."""
        PlainHandler.write_error(self, status_code, **kwargs)
